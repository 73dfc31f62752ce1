import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Temporary folders `<prefix><pid>-…` whose process is gone: a run that was killed could not remove them. */
export async function foldersOfDeadRuns(prefix: string): Promise<readonly string[]> {
  const names = await readdir(tmpdir());
  const dead = names.filter((name) => {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    return pid !== undefined && !isAlive(Number(pid));
  });
  return dead.map((name) => join(tmpdir(), name));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
