import { open, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errnoOf } from './errno.ts';

/** Replaces a file in one step, so that nobody ever reads half of it and a full disk leaves the old one standing. */
export async function writeFileAtomic(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  // Hidden, so that whoever reads the whole folder does not meet it.
  const temporary = join(dirname(path), `.${basename(path)}.tmp`);
  let handle: FileHandle | null = null;
  try {
    handle = await open(temporary, 'w', mode);
    await handle.chmod(mode);
    await handle.writeFile(content);
    await handle.close();
    handle = null;
    await rename(temporary, path);
  } catch (error) {
    await handle?.close();
    await rm(temporary, { force: true });
    throw error;
  }
}

/** The text of a file, or null when there is none. */
export async function readIfExists(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}
