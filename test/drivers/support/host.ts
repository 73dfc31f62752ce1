/** A compute driver `host` of its own: its folder, its bridge and its management network are like nobody else's. */
import { execFile } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createLogger } from '../../../config/log.ts';
import type { HostCompute } from '../../../drivers/compute/host/driver.ts';
import { openHostCompute, type HostSettings } from '../../../drivers/compute/open.ts';
import { freeNetwork } from '../../support/free-network.ts';

const execute = promisify(execFile);

/** Stands in for the agent: answers on :9443 with the number of its process. */
const standIn = `
const { createServer } = require('node:http');
createServer((request, response) => response.end(String(process.pid))).listen(9443, '0.0.0.0');
`;

export const standInAgent: readonly string[] = [process.execPath, '-e', standIn];

export interface TestHost {
  readonly settings: HostSettings;
  readonly driver: HostCompute;
  /** The same host as another process of ours would see it. */
  reopen(): HostCompute;
  folder(computeId: string, ...rest: string[]): string;
  /** The number of the amphora's first process. */
  init(computeId: string): Promise<number>;
  /** Deletes all amphorae and the folder. */
  close(): Promise<void>;
}

export async function openTestHost(part: Partial<HostSettings> = {}): Promise<TestHost> {
  const settings: HostSettings = {
    stateDir: await mkdtemp(join(tmpdir(), 'weir-host-')),
    managementCidr: `${freeNetwork('172.30')}0/24`,
    managementBridge: `wt-${randomBytes(4).toString('hex')}`,
    healthControllers: '',
    healthBindPort: randomInt(20_000, 30_000),
    ...part,
  };
  const log = createLogger('test', 'silent');
  const reopen = (): HostCompute => openHostCompute(settings, log, standInAgent);
  const driver = reopen();
  const folder = (...rest: string[]): string => join(settings.stateDir, 'amphorae', ...rest);
  return {
    settings,
    driver,
    reopen,
    folder,
    init: async (computeId) => Number((await readFile(folder(computeId, 'pid'), 'utf8')).split(' ')[0]),
    async close() {
      for (const id of await driver.list()) await driver.delete(id);
      await rm(settings.stateDir, { recursive: true, force: true });
    },
  };
}

/** Runs a program and returns what it wrote. */
export async function output(program: string, ...args: string[]): Promise<string> {
  return (await execute(program, args)).stdout;
}

/** Runs a program in the namespaces of a process: its network, mounts, processes and host name. */
export function inAmphora(pid: number, ...command: string[]): Promise<string> {
  return output('nsenter', '-t', String(pid), '-n', '-m', '-p', '-u', '--', ...command);
}

/** The processes in the pid namespace of a process, as this host numbers them. */
export async function processesWith(pid: number): Promise<readonly number[]> {
  const namespaceOf = (number: number | string): Promise<string> =>
    readlink(`/proc/${number}/ns/pid`).catch(() => 'gone');
  const wanted = await namespaceOf(pid);
  const numbers = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    numbers.map(async (number) => ((await namespaceOf(number)) === wanted ? [Number(number)] : [])),
  );
  return found.flat();
}

export async function linkNames(): Promise<readonly string[]> {
  const links = JSON.parse(await output('ip', '-json', 'link')) as { ifname: string }[];
  return links.map((link) => link.ifname);
}

/** The processes that have a text among their arguments, first processes of amphorae by their host name for one. */
export async function processesNamed(text: string): Promise<readonly number[]> {
  const numbers = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(
    numbers.map(async (number) => {
      const line = await readFile(`/proc/${number}/cmdline`, 'utf8').catch(() => '');
      return line.includes(`amphora-${text}`) ? [Number(number)] : [];
    }),
  );
  return found.flat();
}
