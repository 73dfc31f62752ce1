/** Prefixes for commands: what a child process runs under. Each takes an argument vector and gives a longer one. */
import { spawnSync } from 'node:child_process';

export type Command = readonly [program: string, ...rest: string[]];

/**
 * The kernel sends `signal` to the command when its parent dies, kill -9 included (prctl(2), PR_SET_PDEATHSIG; setpriv(1)).
 * Must be the innermost prefix: changing user ids or entering a user namespace clears it.
 */
export function tethered(signal: 'TERM' | 'INT' | 'QUIT' | 'KILL', command: Command): Command {
  return process.platform === 'linux' ? ['setpriv', '--pdeathsig', signal, '--', ...command] : command;
}

/** `nobody` and its group: initdb looks its user up by name, and this one has a name on every machine. */
const nobodyId = 65_534;
const ownUserNamespace: Command = ['unshare', '--user', `--map-user=${nobodyId}`, `--map-group=${nobodyId}`, '--'];
const nobody: Command = ['setpriv', `--reuid=${nobodyId}`, `--regid=${nobodyId}`, '--clear-groups', '--'];

/** How a program that refuses user id 0 is run, and who must own its files. */
export interface Unprivileged {
  readonly owner: number;
  wrap(command: Command): Command;
}

/**
 * A way to run a program that refuses to run as root: as it is for a plain user; for root in a user namespace in which it
 * sees another user id (its files still belong to root); and where user namespaces are refused, as `nobody`.
 */
export function unprivileged(): Unprivileged {
  const uid = process.getuid?.() ?? 1;
  if (uid !== 0) return { owner: uid, wrap: (command) => command };
  const [program, ...rest] = ownUserNamespace;
  const allowed = spawnSync(program, [...rest, 'true'], { stdio: 'ignore' }).status === 0;
  if (allowed) return { owner: 0, wrap: (command) => [...ownUserNamespace, ...command] };
  return { owner: nobodyId, wrap: (command) => [...nobody, ...command] };
}
