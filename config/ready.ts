import { rm, writeFile } from 'node:fs/promises';
import type { Settings } from './settings.ts';

/** Says, to whoever watches the ready file, that this process takes work. */
export async function announceReady({ readyFile }: Pick<Settings, 'readyFile'>): Promise<void> {
  if (readyFile !== '') await writeFile(readyFile, `${process.pid}\n`);
}

/** Takes it back. */
export async function withdrawReady({ readyFile }: Pick<Settings, 'readyFile'>): Promise<void> {
  if (readyFile !== '') await rm(readyFile, { force: true });
}
