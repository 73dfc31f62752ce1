/**
 * Without root, everything runs inside a user and network namespace of its own: there this user is root, and the bridges and
 * namespaces of the amphorae are out of everybody's way. The price: the API's port exists only inside.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { environmentOf, type Settings } from '../../config/settings.ts';
import { identify, isRunning, type ProcessIdentity } from '../process/identity.ts';
import { tethered, type Command } from '../process/wrap.ts';

const marker = 'WEIR_SANDBOX';

export function insideSandbox(): boolean {
  return process.env[marker] !== undefined;
}

/** Loopback up; a /run of our own, because `ip netns` keeps its names there and the real one is not ours to write. */
const prepare = 'ip link set lo up && mount -t tmpfs tmpfs /run && exec "$@"';

/**
 * Runs this very command again inside the namespaces and gives its exit code. Namespaces in which amphorae of an earlier start
 * still serve are entered again. The folders are passed on, since inside this user looks like root, whose defaults are others.
 */
export async function runInSandbox(settings: Settings): Promise<number> {
  const { stateDir, cacheDir } = settings;
  const keeper = await readKeeper(stateDir);
  const again = tethered('TERM', [process.execPath, ...process.execArgv, ...process.argv.slice(1)]);
  const [program, ...args] = keeper === undefined ? inNewNamespaces(again) : inNamespacesOf(keeper, again);
  const child = spawn(program, args, {
    stdio: 'inherit',
    env: { ...process.env, ...environmentOf({ stateDir, cacheDir }), [marker]: '1' },
  });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, forward);
  // Ctrl-C reaches the child by itself; this process only has to stay until it has ended.
  process.on('SIGINT', () => undefined);
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

function inNewNamespaces(command: Command): Command {
  return ['unshare', '--user', '--map-root-user', '--net', '--mount', '--', 'sh', '-c', prepare, 'sh', ...command];
}

function inNamespacesOf({ pid }: ProcessIdentity, command: Command): Command {
  const into = ['--preserve-credentials', '--user', '--net', '--mount', '--target', String(pid)];
  return ['nsenter', ...into, `--wd=${process.cwd()}`, '--', ...command];
}

/** How to get a shell in which the API can be reached. */
export function enterCommand(): string {
  return `nsenter --preserve-credentials -U -n -m -t ${process.pid}`;
}

const keeperFile = (stateDir: string): string => join(stateDir, 'sandbox.json');

/** Starts the process that keeps the namespaces while amphorae serve in them, if there is none yet. Call it inside. */
export async function keepSandbox(stateDir: string): Promise<void> {
  if ((await readKeeper(stateDir)) !== undefined) return;
  const keeper = spawn('sleep', ['infinity'], { detached: true, stdio: 'ignore', cwd: '/' });
  keeper.unref();
  const identity = identify(keeper.pid ?? 0);
  if (identity !== undefined) await writeFile(keeperFile(stateDir), JSON.stringify(identity), { mode: 0o600 });
}

/** Lets the namespaces go when no amphora is left in them. */
export async function releaseSandbox(stateDir: string): Promise<void> {
  const amphorae = await readdir(join(stateDir, 'amphorae')).catch(() => []);
  const keeper = await readKeeper(stateDir);
  if (keeper === undefined || amphorae.length > 0) return;
  await rm(keeperFile(stateDir), { force: true });
  process.kill(keeper.pid, 'SIGKILL');
}

async function readKeeper(stateDir: string): Promise<ProcessIdentity | undefined> {
  try {
    const identity = JSON.parse(await readFile(keeperFile(stateDir), 'utf8')) as ProcessIdentity;
    return isRunning(identity) ? identity : undefined;
  } catch {
    // There was no earlier start, or it was killed while it wrote.
    return undefined;
  }
}
