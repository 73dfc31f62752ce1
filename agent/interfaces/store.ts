import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfExists, writeFileAtomic } from '../process/files.ts';
import { errnoOf } from '../process/errno.ts';
import type { InterfaceFile } from './file.ts';

export async function writeInterfaceFile(folder: string, file: InterfaceFile): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFileAtomic(join(folder, `${file.name}.json`), JSON.stringify(file), 0o644);
}

/** All interface files; none when the folder does not exist yet. */
export async function readInterfaceFiles(folder: string): Promise<readonly InterfaceFile[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  const files = names.filter((name) => name.endsWith('.json') && !name.startsWith('.'));
  return Promise.all(files.map(async (name) => readInterfaceFile(join(folder, name))));
}

async function readInterfaceFile(path: string): Promise<InterfaceFile> {
  return JSON.parse(await readFile(path, 'utf8')) as InterfaceFile;
}

/** An interface that was moved into the namespace, by which it is found again after a reboot. */
export interface PluggedInterface {
  readonly mac: string;
  readonly name: string;
}

export async function readPlugged(path: string): Promise<readonly PluggedInterface[]> {
  const lines = ((await readIfExists(path)) ?? '').split('\n');
  return lines.flatMap((line) => {
    const [mac, name] = line.trim().split(/\s+/);
    return mac === undefined || name === undefined ? [] : [{ mac, name }];
  });
}

/** Adds `<mac> <name>` unless the MAC is there (Octavia: plug.py, _update_plugged_interfaces_file). */
export async function recordPlugged(path: string, plugged: PluggedInterface): Promise<void> {
  const known = await readPlugged(path);
  if (known.some(({ mac }) => mac === plugged.mac)) return;
  const lines = [...known, plugged].map(({ mac, name }) => `${mac} ${name}\n`);
  await writeFileAtomic(path, lines.join(''), 0o644);
}
