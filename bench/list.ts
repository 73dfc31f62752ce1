/** GET of 100 load balancers over 16 connections, asked by wrk where it is there and by a process of our own where not. */
import { execFile } from 'node:child_process';
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

export async function measureList(baseUrl: string): Promise<Measurement[]> {
  const client = new BenchClient(baseUrl, projectId);
  try {
    await ensureLoadBalancers(client, rows);
    const url = `${baseUrl}/v2/lbaas/loadbalancers?limit=${rows}`;
    let load = 'wrk';
    const perSecond = await withWrk(url).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
      load = 'undici';
      return withOwnLoop(url);
    });
    await removeAll(client);
    const figures = {
      perSecond: rounded(perSecond, 1),
      rows,
      connections,
      load,
      reference: octavia.listPerSecond,
      ratio: ratio(perSecond, octavia.listPerSecond),
    };
    return [{ name: 'list', unit: 'requests/s', figures }];
  } finally {
    await client.close();
  }
}
