import { readFileSync } from 'node:fs';

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot at which it started (proc(5), /proc/PID/stat, field 22). */
  readonly startedAt: string;
}

const startTimeAfterName = 19;

/** Undefined when there is no such process, or only its exit status is left. */
export function identify(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in parentheses and may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startedAt = fields[startTimeAfterName];
    return startedAt === undefined || fields[0] === 'Z' ? undefined : { pid, startedAt };
  } catch {
    return undefined;
  }
}

/** Whether this very process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startedAt === identity.startedAt;
}
