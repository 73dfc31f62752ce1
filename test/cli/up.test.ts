import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { freePort } from '../../cli/net/ports.ts';
import { isRunning, type ProcessIdentity } from '../../cli/process/identity.ts';
import { until } from '../../cli/process/until.ts';
import { installationRoot } from '../../config/installation.ts';
import { startChild, type Child } from '../support/child.ts';

const limitMs = 60_000;

describe('weir up --drivers noop', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'weir-up-'));
  const apiPort = await freePort();
  const started: Child[] = [];
  afterAll(async () => {
    for (const child of started) await child.stop('SIGINT');
    await rm(stateDir, { recursive: true, force: true });
  });

  const start = (): Child => {
    const flags = ['--drivers=noop', `--state-dir=${stateDir}`, `--api-port=${apiPort}`];
    const ports = ['--temporal-port=0', '--temporal-ui-port=0'];
    const child = startChild([join(installationRoot(), 'weir'), 'up', ...flags, ...ports]);
    started.push(child);
    return child;
  };
  const ready = (child: Child): Promise<unknown> => until(() => child.output().includes('ready after'), limitMs, 100);
  const processOf = async (name: string): Promise<ProcessIdentity> =>
    JSON.parse(await readFile(join(stateDir, 'run', `${name}.json`), 'utf8')) as ProcessIdentity;

  const api = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown> | undefined> => {
    const response = await fetch(`http://127.0.0.1:${apiPort}/v2/lbaas${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'x-project-id': 'test' },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    }).catch(() => undefined);
    return response?.ok === true ? ((await response.json()) as Record<string, unknown>) : undefined;
  };
  const statusOf = async (id: string): Promise<string | undefined> => {
    const answer = (await api('GET', `/loadbalancers/${id}`)) as { loadbalancer: { provisioning_status: string } };
    return answer?.loadbalancer.provisioning_status;
  };
  const create = async (): Promise<string> => {
    const body = { loadbalancer: { vip_subnet_id: randomUUID() } };
    const answer = await until(() => api('POST', '/loadbalancers', body), limitMs, 250);
    return (answer as { loadbalancer: { id: string } }).loadbalancer.id;
  };
  const becomesActive = (id: string): Promise<unknown> =>
    until(async () => (await statusOf(id)) === 'ACTIVE', limitMs, 100);

  const ids: string[] = [];
  const first = start();

  it('serves the API with a PostgreSQL and a Temporal of its own', async () => {
    await ready(first);
    expect(first.output()).toContain('ready after');
    ids.push(await create());
    expect(await becomesActive(ids[0] ?? '')).toBe(true);
  });

  it('keeps a second start out of the same state directory, with one line', async () => {
    const second = start();
    await until(() => second.process.exitCode !== null, limitMs);
    expect(second.process.exitCode).toBe(1);
    expect(second.output()).toMatch(/^weir: another `weir up` \(process \d+\) runs on .*\n$/);
  });

  it('starts PostgreSQL again when it is killed, and finishes the work', async () => {
    process.kill((await processOf('postgres')).pid, 'SIGKILL');
    ids.push(await create());
    expect(await becomesActive(ids[1] ?? '')).toBe(true);
  });

  it('leaves no process when it is killed, and finds its state again', async () => {
    const names = ['postgres', 'temporal', 'api', 'worker'];
    const processes = await Promise.all(names.map(processOf));
    first.process.kill('SIGKILL');
    expect(await until(() => !processes.some(isRunning), limitMs, 100)).toBe(true);

    const again = start();
    await ready(again);
    expect(again.output()).toContain('ready after');
    expect(await Promise.all(ids.map(statusOf))).toEqual(['ACTIVE', 'ACTIVE']);
    ids.push(await create());
    expect(await becomesActive(ids[2] ?? '')).toBe(true);
  });

  it('stops everything in order on Ctrl-C', async () => {
    const last = started.at(-1);
    const processes = await Promise.all(['postgres', 'temporal', 'api', 'worker'].map(processOf));
    last?.process.kill('SIGINT');
    expect(await until(() => last?.process.exitCode === 0, limitMs)).toBe(true);
    expect(processes.filter(isRunning)).toEqual([]);
  });

  it('never shows the password of its database', async () => {
    const password = (await readFile(join(stateDir, 'postgres', 'password'), 'utf8')).trim();
    expect(password).toHaveLength(64);
    expect(started.map((child) => child.output()).join('')).not.toContain(password);
  });
});
