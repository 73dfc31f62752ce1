import { readFileSync } from 'node:fs';
import { errnoOf } from './errno.ts';

/** The pid in the first line of a pid file, or null when there is no such file or no number in it. */
export function readPidFile(path: string): number | null {
  const pid = Number(readOrEmpty(path).split('\n', 1)[0]);
  return Number.isInteger(pid) && pid > 0 ? pid : null;
}

/** The arguments of a process, or an empty list when there is none (a zombie has none either). */
export function argumentsOf(pid: number): readonly string[] {
  return readOrEmpty(`/proc/${pid}/cmdline`).split('\0').slice(0, -1);
}

/**
 * The process that a pid file names, if it lives and has `argument` among its arguments: a pid alone may have been
 * given to another process since.
 */
export function livePid(pidFile: string, argument: string): number | null {
  const pid = readPidFile(pidFile);
  return pid !== null && argumentsOf(pid).includes(argument) ? pid : null;
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
