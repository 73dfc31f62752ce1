import { constants } from 'node:fs';
import { access, mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { always, found, missing, type Check, type Finding } from './finding.ts';

/** PostgreSQL's and Temporal's files of a new state directory take about 100 MB. */
const neededBytes = 300_000_000;

const choose = 'choose another folder with --state-dir or WEIR_STATE_DIR';

/** Whether the state directory (or where it would be made) can be written and has room. */
export function storageCheck(stateDir: string): Check {
  return { name: 'state directory', neededFor: always, run: () => examine(stateDir) };
}

async function examine(stateDir: string): Promise<Finding> {
  const folder = await nearestExisting(stateDir);
  try {
    await access(folder, constants.W_OK);
    if (folder === stateDir) await tryToWrite(stateDir);
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const room = `${Math.floor(free / 1_000_000)} MB free`;
    if (free < neededBytes) return missing(`${stateDir}: ${room}`, `free ${neededBytes / 1_000_000} MB, or ${choose}`);
    return found(`${stateDir}, ${room}`);
  } catch (error) {
    return missing(`${stateDir} cannot be written (${(error as NodeJS.ErrnoException).code})`, choose);
  }
}

async function nearestExisting(folder: string): Promise<string> {
  const exists = await access(folder).then(
    () => true,
    () => false,
  );
  return exists || folder === dirname(folder) ? folder : nearestExisting(dirname(folder));
}

/** A full disk and a spent quota show only when something is written. */
async function tryToWrite(stateDir: string): Promise<void> {
  const file = join(stateDir, `.try-${process.pid}`);
  try {
    await mkdir(stateDir, { recursive: true });
    await writeFile(file, Buffer.alloc(65_536), { flush: true });
  } finally {
    await rm(file, { force: true });
  }
}
