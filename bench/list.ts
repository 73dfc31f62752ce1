/**
 * GET of 100 load balancers over 16 connections, asked by wrk where it is there and by a process of our own where not: at
 * rest, and while an edit every half second changes what is listed.
 */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BenchClient } from './client.ts';
import { ensureLoadBalancers, removeAll } from './fixture.ts';
import { rounded, type Measurement } from './measurement.ts';
import { octavia, ratio } from './reference.ts';

const run = promisify(execFile);

const projectId = 'bench-list';
const rows = 100;
const connections = 16;
const seconds = 10;
const editIntervalMs = 500;

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

async function withWrk(url: string): Promise<number> {
  const { stdout } = await run('wrk', [
    '-t2',
    `-c${connections}`,
    `-d${seconds}s`,
    '-H',
    `X-Project-Id: ${projectId}`,
    url,
  ]);
  const refused = /Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1];
  if (refused !== undefined) throw new Error(`${refused} requests were refused`);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
}

/** The load comes from another process, so that it is not this one's event loop that is measured. */
async function withOwnLoop(url: string): Promise<number> {
  const loop = fileURLToPath(new URL('./load-loop.js', import.meta.url));
  const { stdout } = await run(process.execPath, [loop, url, projectId, String(connections), String(seconds)]);
  return Number(stdout);
}

interface Load {
  readonly perSecond: number;
  readonly by: 'wrk' | 'undici';
}

async function load(url: string): Promise<Load> {
  try {
    return { perSecond: rounded(await withWrk(url), 1), by: 'wrk' };
  } catch (error) {
    if (!isMissing(error)) throw error;
    return { perSecond: rounded(await withOwnLoop(url), 1), by: 'undici' };
  }
}

/** Renames a load balancer again and again until the signal ends. */
async function keepEditing(client: BenchClient, id: string, signal: AbortSignal): Promise<void> {
  for (let count = 0; !signal.aborted; count += 1) {
    await client.request('PUT', `/v2/lbaas/loadbalancers/${id}`, { loadbalancer: { name: `edited-${count}` } });
    await client.awaitActive(id);
    await sleep(editIntervalMs);
  }
}

async function loadWhileEditing(client: BenchClient, id: string, url: string): Promise<Load> {
  const ended = new AbortController();
  const editing = keepEditing(client, id, ended.signal);
  try {
    return await load(url);
  } finally {
    ended.abort();
    await editing;
  }
}

export async function measureList(baseUrl: string): Promise<Measurement[]> {
  const client = new BenchClient(baseUrl, projectId);
  try {
    const [edited = ''] = await ensureLoadBalancers(client, rows);
    const url = `${baseUrl}/v2/lbaas/loadbalancers?limit=${rows}&project_id=${projectId}`;
    const { perSecond, by } = await load(url);
    const whileEditing = await loadWhileEditing(client, edited, url);
    await removeAll(client);
    const figures = {
      perSecond,
      perSecondWhileEditing: whileEditing.perSecond,
      rows,
      connections,
      load: by,
      reference: octavia.listPerSecond,
      ratio: ratio(perSecond, octavia.listPerSecond),
    };
    return [{ name: 'list', unit: 'requests/s', figures }];
  } finally {
    await client.close();
  }
}
