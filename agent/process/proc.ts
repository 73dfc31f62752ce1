import { existsSync, readFileSync } from 'node:fs';
import { errnoOf } from './errno.ts';

/** The pid in the first line of a pid file, or null when there is no such file or no number in it. */
function readPidFile(path: string): number | null {
  const pid = Number(readOrEmpty(path).split('\n', 1)[0]);
  return Number.isInteger(pid) && pid > 0 ? pid : null;
}

/** The arguments of a process, or an empty list when there is none (a zombie has none either). */
function argumentsOf(pid: number): readonly string[] {
  return readOrEmpty(`/proc/${pid}/cmdline`).split('\0').slice(0, -1);
}

/** One process for as long as it lives, whatever it executes: its start time tells it from a later one with its pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since the machine's boot (proc_pid_stat(5), field 22). */
  readonly startTime: string;
}

/** The process that has this pid now, or null when none has or a zombie does. */
export function identityOf(pid: number): ProcessIdentity | null {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  // The second field, the name in parentheses, may hold spaces and parentheses of its own.
  const [state = '', ...later] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startTime = later[startTimeAfterState];
  return startTime === undefined || ['Z', 'X'].includes(state) ? null : { pid, startTime };
}

/** Field 22 is the nineteenth after the state, which is field 3. */
const startTimeAfterState = 18;

export function isAlive(known: ProcessIdentity): boolean {
  return identityOf(known.pid)?.startTime === known.startTime;
}

/**
 * The process that a pid file names, if it lives and has `argument` among its arguments: a pid alone may have been
 * given to another process since. `unclear` when the file is empty or the process has no arguments: a program that
 * executes itself anew (HAProxy's master at a reload) looks so for a moment.
 */
export function namedProcess(pidFile: string, argument: string): ProcessIdentity | 'unclear' | null {
  if (!existsSync(pidFile)) return null;
  const pid = readPidFile(pidFile);
  if (pid === null) return 'unclear';
  const process = identityOf(pid);
  if (process === null) return null;
  const given = argumentsOf(pid);
  if (given.length === 0) return 'unclear';
  return given.includes(argument) ? process : null;
}

/** Sends a signal; false when the process is gone. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ESRCH') return false;
    throw error;
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes(errnoOf(error) ?? '')) return '';
    throw error;
  }
}
