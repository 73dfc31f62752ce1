import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { freePort } from '../../../cli/net/ports.ts';
import { until } from '../../../cli/process/until.ts';
import { loadEntry, type ProcessName } from '../../../cli/processes.ts';
import { ensureSecretKey } from '../../../cli/up/state-dir.ts';
import { loadSettings, type Settings } from '../../../config/settings.ts';
import type { CleanUpState } from '../../../model/clean-up.ts';
import { workflowIdOf } from '../../../model/operation.ts';
import { openTemporalClient } from '../../../temporal/client.ts';
import { CleanUp } from '../../../workflows/search-attributes.ts';
import { freshDatabase, type TestDatabase } from '../../support/postgres.ts';
import { testTemporal } from '../../support/temporal.ts';

const startLimitMs = 60_000;
const subnetId = '5e0c2a4e-2f9b-4f8e-9d5b-0f3a2a5d7a09';

export interface Answer {
  readonly status: number;
  readonly requestId: string;
  readonly body: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Processes of Weir inside the test's own, on a database and a task queue of their own, with a real Temporal server. Drivers pretend. */
export interface Plane {
  readonly database: TestDatabase;
  /** What a process shows, once it serves. */
  metrics(name: ProcessName): Promise<string>;
  request(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Asks for a load balancer; its id. */
  createLoadBalancer(headers?: Readonly<Record<string, string>>): Promise<Answer & { readonly id: string }>;
  /** The load balancer's status, once it is not PENDING; undefined when it is gone. */
  settled(id: string): Promise<string | undefined>;
  /** The history of the first workflow of a load balancer, once it is over. */
  history(id: string): Promise<History>;
  /** Starts a clean-up that no worker takes, or one that the worker takes and cannot carry on; returns what ends it. */
  startCleanUp(state: CleanUpState, how?: 'untaken' | 'broken'): Promise<() => Promise<void>>;
  stop(): Promise<void>;
}

/** Only one process with a Temporal worker fits into a test file's process. */
export async function startPlane(names: readonly ProcessName[], overrides: Partial<Settings> = {}): Promise<Plane> {
  const database = await freshDatabase();
  const stateDir = await mkdtemp(join(tmpdir(), 'weir-observe-'));
  const { address, namespace } = await testTemporal();
  const ports = new Map<ProcessName, number>();
  for (const name of names) ports.set(name, await freePort());
  const settings = loadSettings(
    {},
    {
      stateDir,
      databaseUrl: database.url,
      temporalAddress: address,
      temporalNamespace: namespace,
      taskQueue: `weir-${randomUUID()}`,
      hostName: `observe-${randomUUID()}`,
      computeDriver: 'noop',
      networkDriver: 'noop',
      amphoraDriver: 'noop',
      heartbeatKey: 'key',
      healthBindHost: '127.0.0.1',
      healthBindPort: await freePort(),
      apiPort: await freePort(),
      logLevel: 'silent',
      secretKeyFile: await secretKey(stateDir),
      ...overrides,
    },
  );
  const stopping = new AbortController();
  const ready = (name: ProcessName): string => join(stateDir, `${name}.ready`);
  const running = names.map(async (name) => {
    const run = await loadEntry(name);
    await run({ ...settings, readyFile: ready(name), metricsPort: ports.get(name) ?? 0 }, stopping.signal);
  });
  const workers = names.filter((name) => name === 'worker' || name === 'host');
  const takesWork = await until(() => workers.every((name) => existsSync(ready(name))), startLimitMs);
  if (takesWork !== true) throw new Error(`${workers.join()} took no work in time`);
  return {
    ...planeOf(settings, database, ports),
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
      await database.drop();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

async function secretKey(folder: string): Promise<string> {
  const file = join(folder, 'secret.key');
  await ensureSecretKey(file);
  return file;
}

function planeOf(
  settings: Settings,
  database: TestDatabase,
  ports: ReadonlyMap<ProcessName, number>,
): Omit<Plane, 'stop'> {
  const serving = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const answer = await until(() => fetch(url, init).catch(() => undefined), startLimitMs);
    if (answer === undefined) throw new Error(`nothing answers on ${url}`);
    return answer;
  };
  const request: Plane['request'] = async (method, path, body, headers = {}) => {
    const answer = await serving(`http://127.0.0.1:${settings.apiPort}/v2/lbaas/${path}`, {
      method,
      headers: { 'x-project-id': 'observe', 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const requestId = answer.headers.get('x-openstack-request-id') ?? '';
    return { status: answer.status, requestId, body: text === '' ? {} : (JSON.parse(text) as Answer['body']) };
  };
  return {
    database,
    request,
    metrics: async (name) => (await serving(`http://127.0.0.1:${ports.get(name)}/metrics`)).text(),
    createLoadBalancer: async (headers) => {
      const loadbalancer = { name: 'web', vip_subnet_id: subnetId };
      const answer = await request('POST', 'loadbalancers', { loadbalancer }, headers);
      return { ...answer, id: String(answer.body['loadbalancer']?.['id']) };
    },
    settled: async (id) => {
      const status = await until(async () => {
        const { status: code, body } = await request('GET', `loadbalancers/${id}`);
        if (code === 404) return 'gone';
        const now = String(body['loadbalancer']?.['provisioning_status']);
        return !now.startsWith('PENDING') && now;
      }, startLimitMs);
      return status === 'gone' ? undefined : status;
    },
    history: async (id) => {
      const client = openTemporalClient(settings);
      const handle = client.workflow.getHandle(workflowIdOf({ loadBalancerId: id, sequence: 1 }));
      await handle.result().catch(() => undefined);
      const history = await handle.fetchHistory();
      await client.connection.close();
      return history;
    },
    startCleanUp: async (state, how = 'untaken') => {
      const client = openTemporalClient(settings);
      const typedSearchAttributes = [{ key: CleanUp, value: state }];
      const taskQueue = how === 'untaken' ? randomUUID() : settings.taskQueue;
      const options = { taskQueue, workflowId: randomUUID(), typedSearchAttributes };
      const handle = await client.workflow.start('cleanUp', options);
      return async () => {
        await handle.terminate();
        await client.connection.close();
      };
    },
  };
}
