import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PlainError } from '../fatal.ts';

/** What `weir up` keeps, and where. */
export interface StateDir {
  readonly root: string;
  /** One record for each running process, for the next start to find strays by. */
  readonly run: string;
  readonly logs: string;
  readonly postgres: string;
  readonly temporalFile: string;
  readonly lockFile: string;
}

/** Makes the folders. Throws PlainError when they cannot be written. */
export async function openStateDir(root: string): Promise<StateDir> {
  const state: StateDir = {
    root,
    run: join(root, 'run'),
    logs: join(root, 'logs'),
    postgres: join(root, 'postgres'),
    temporalFile: join(root, 'temporal', 'temporal.db'),
    lockFile: join(root, 'lock'),
  };
  try {
    // Others may pass (PostgreSQL may run as another user) but not look around.
    await mkdir(root, { recursive: true, mode: 0o711 });
    for (const folder of [state.run, state.logs, dirname(state.temporalFile)])
      await mkdir(folder, { recursive: true, mode: 0o700 });
    await mkdir(state.postgres, { recursive: true, mode: 0o711 });
  } catch (error) {
    throw new PlainError(
      `the state directory ${root} cannot be written (${(error as NodeJS.ErrnoException).code}): ` +
        'choose another with --state-dir or WEIR_STATE_DIR',
      { cause: error },
    );
  }
  return state;
}

/** The text of a file, or `fresh()` written into it first. Others cannot read it; a crash leaves the whole file or none. */
export async function rememberedText(file: string, fresh: () => string | Promise<string>): Promise<string> {
  if (existsSync(file)) return (await readFile(file, 'utf8')).trim();
  const text = await fresh();
  await writeFile(`${file}.new`, `${text}\n`, { mode: 0o600, flush: true });
  await rename(`${file}.new`, file);
  return text;
}

/** Makes the key that seals secrets in the database, if there is none: 32 random bytes in base64. */
export async function ensureSecretKey(file: string): Promise<void> {
  await rememberedText(file, () => randomBytes(32).toString('base64'));
}
