/** What is kept of an amphora on its host: a folder per compute id. With it an amphora can be found, ended and started again. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PortDetails } from '../../../model/network.ts';
import { DriverError } from '../../errors.ts';
import type { AmphoraSpec } from '../contract.ts';

const idPattern = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** Whether a text may be a compute id of ours; nothing else ever becomes part of a path. */
export const isComputeId = (text: string): boolean => idPattern.test(text);

export interface AmphoraFolder {
  readonly computeId: string;
  /** Becomes /etc/octavia in the amphora. */
  readonly etc: string;
  /** Becomes /var/lib/octavia in the amphora. */
  readonly lib: string;
  readonly log: string;
  readonly path: string;
}

export function folderOf(root: string, computeId: string): AmphoraFolder {
  const path = join(root, computeId);
  return { computeId, path, etc: join(path, 'etc'), lib: join(path, 'lib'), log: join(path, 'agent.log') };
}

/** Runs a change of the state folder; a disk that is full or read-only becomes one clear line. */
async function changing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      ENOSPC: 'no space left on the device',
      EDQUOT: 'the disk quota is used up',
      EROFS: 'the file system is read-only',
      EACCES: 'permission denied',
      EPERM: 'permission denied',
      ENOENT: 'the folder cannot be made',
      ENOTDIR: 'a part of the path is not a folder',
    };
    const reason = reasons[code];
    if (reason === undefined) throw error;
    throw new DriverError('NoValidHost', `This host cannot keep amphorae: ${path}: ${reason}.`, { cause: error });
  }
}

/** Makes a folder and its parents. (The `recursive` of fs.mkdir reports a read-only file system as ENOENT and never ends in /proc.) */
async function makeFolder(path: string, mode: number): Promise<void> {
  const make = (): Promise<unknown> =>
    mkdir(path, { mode }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  try {
    await make();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path), mode);
    await make();
  }
}

/** Replaces a file so that a reader sees the old or the new content, never a part. */
function replaceFile(path: string, content: string): Promise<void> {
  return changing(path, async () => {
    await makeFolder(dirname(path), 0o700);
    await writeFile(`${path}.new`, content, { mode: 0o600 });
    await rename(`${path}.new`, path);
  });
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Writes what the agent is configured with. The key files are readable by root alone. */
export async function writeConfiguration(folder: AmphoraFolder, spec: AmphoraSpec): Promise<void> {
  await replaceFile(join(folder.etc, 'certs', 'server.pem'), spec.serverPem);
  await replaceFile(join(folder.etc, 'certs', 'client_ca.pem'), spec.clientCaPem);
  await replaceFile(join(folder.etc, 'amphora-agent.conf'), spec.agentConfig);
  // HAProxy and keepalived run as other users in here.
  await changing(folder.lib, () => makeFolder(folder.lib, 0o755));
}

const portsOf = (folder: AmphoraFolder): string => join(folder.path, 'ports');
const portFile = (folder: AmphoraFolder, portId: string): string => join(portsOf(folder), `${portId}.json`);

export function writePort(folder: AmphoraFolder, details: PortDetails): Promise<void> {
  return replaceFile(portFile(folder, details.port.id), JSON.stringify(details));
}

export async function removePort(folder: AmphoraFolder, portId: string): Promise<void> {
  await changing(folder.path, () => rm(portFile(folder, portId), { force: true }));
}

/** The ports that the amphora has, as they were last told. */
export async function readPorts(folder: AmphoraFolder): Promise<readonly PortDetails[]> {
  const names = (await namesIn(portsOf(folder))).filter((name) => name.endsWith('.json'));
  const texts = await Promise.all(names.map((name) => readIfThere(join(portsOf(folder), name))));
  return texts.filter((text) => text !== null).map((text) => JSON.parse(text) as PortDetails);
}

const addressFile = (folder: AmphoraFolder): string => join(folder.path, 'management-address');

export const readAddress = (folder: AmphoraFolder): Promise<string | null> => readIfThere(addressFile(folder));

export const writeAddress = (folder: AmphoraFolder, address: string): Promise<void> =>
  replaceFile(addressFile(folder), address);

/** The compute ids that have a folder. */
export async function listFolders(root: string): Promise<readonly string[]> {
  return (await namesIn(root)).filter(isComputeId);
}

export async function folderExists(folder: AmphoraFolder): Promise<boolean> {
  return (await namesIn(dirname(folder.path))).includes(folder.computeId);
}

export async function removeFolder(folder: AmphoraFolder): Promise<void> {
  await changing(folder.path, () => rm(folder.path, { recursive: true, force: true }));
}
