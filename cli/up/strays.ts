/** Records of running processes, so that a start after a crash can stop what the crash left. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { identify, isRunning, type ProcessIdentity } from '../process/identity.ts';
import { until } from '../process/until.ts';

/** Writes down that the process `pid` runs as `name`. */
export async function recordProcess(runDir: string, name: string, pid: number): Promise<void> {
  const identity = identify(pid);
  if (identity !== undefined) await writeFile(join(runDir, `${name}.json`), JSON.stringify(identity), { mode: 0o600 });
}

export async function forgetProcess(runDir: string, name: string): Promise<void> {
  await rm(join(runDir, `${name}.json`), { force: true });
}

const graceMs = 5_000;

/** Stops the processes of an earlier `weir up` that still run: politely, then for sure. Returns their names. */
export async function stopStrays(runDir: string): Promise<string[]> {
  const files = (await readdir(runDir)).filter((file) => file.endsWith('.json'));
  const stopped = await Promise.all(files.map((file) => stopStray(join(runDir, file))));
  return stopped.filter((name) => name !== undefined);
}

async function stopStray(file: string): Promise<string | undefined> {
  const identity = parse(await readFile(file, 'utf8'));
  const runs = identity !== undefined && isRunning(identity);
  if (runs) {
    signal(identity, 'SIGINT');
    const ended = await until(() => !isRunning(identity), graceMs);
    if (ended !== true) signal(identity, 'SIGKILL');
    await until(() => !isRunning(identity), graceMs);
  }
  await rm(file, { force: true });
  return runs ? basename(file, '.json') : undefined;
}

function parse(text: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(text) as ProcessIdentity;
  } catch {
    // The crash came while the record was written.
    return undefined;
  }
}

function signal(identity: ProcessIdentity, name: NodeJS.Signals): void {
  try {
    if (isRunning(identity)) process.kill(identity.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
