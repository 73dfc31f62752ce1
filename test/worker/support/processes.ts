import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { freePort } from '../../../cli/net/ports.ts';
import { until } from '../../../cli/process/until.ts';
import { installationRoot } from '../../../config/installation.ts';
import { environmentOf, type Settings } from '../../../config/settings.ts';
import { watchLateness } from '../../support/lateness.ts';
import { startChild, type Child } from '../../support/child.ts';
import { freshDatabase, type TestDatabase } from '../../support/postgres.ts';
import { testTemporal } from '../../support/temporal.ts';
import { eventually } from './fleet.ts';

const projectId = 'drain';
const subnetId = '5e0c2a4e-2f9b-4f8e-9d5b-0f3a2a5d7a09';
const gone = (child: Child): boolean => child.process.exitCode !== null || child.process.signalCode !== null;

type OwnSettings = Partial<Settings> & { readonly apiPort: number };

/** Processes of Weir with no-op drivers, built beforehand (`weir test` builds; `npm run build` does too). */
export class Processes {
  readonly database: TestDatabase;
  readonly client: Client;
  readonly #folder: string;
  readonly #settings: OwnSettings;
  readonly #children: Child[] = [];

  private constructor(database: TestDatabase, client: Client, folder: string, settings: OwnSettings) {
    this.database = database;
    this.client = client;
    this.#folder = folder;
    this.#settings = settings;
  }

  static async open(): Promise<Processes> {
    const { address, namespace } = await testTemporal();
    const database = await freshDatabase();
    const folder = await mkdtemp(join(tmpdir(), 'weir-drain-'));
    const client = new Client({ connection: await Connection.connect({ address }), namespace });
    const processes = new Processes(database, client, folder, {
      stateDir: folder,
      databaseUrl: database.url,
      temporalAddress: address,
      taskQueue: `weir-${randomUUID()}`,
      computeDriver: 'noop',
      networkDriver: 'noop',
      amphoraDriver: 'noop',
      apiPort: await freePort(),
    });
    processes.#start('api', {});
    await eventually(() => processes.#serves());
    return processes;
  }

  #start(verb: 'api' | 'worker', settings: Partial<Settings>): Child {
    const program = join(installationRoot(), 'dist/cli/main.js');
    if (!existsSync(program)) throw new Error('build first: npm run build');
    const env = { ...process.env, ...environmentOf({ ...this.#settings, ...settings }) };
    const child = startChild([process.execPath, program, verb], env);
    this.#children.push(child);
    return child;
  }

  /** Starts a worker and waits until it takes work. */
  async worker(gracefulShutdownTimeoutSec: number): Promise<Child> {
    const readyFile = join(this.#folder, randomUUID());
    const child = this.#start('worker', { readyFile, gracefulShutdownTimeoutSec });
    await eventually(() => gone(child) || existsSync(readyFile));
    if (gone(child)) throw new Error(`the worker ended: ${child.output()}`);
    return child;
  }

  async #serves(): Promise<boolean> {
    return this.request('GET', 'loadbalancers').then(
      () => true,
      () => false,
    );
  }

  /** What the API answers. */
  async request(method: string, path: string, body?: unknown): Promise<Record<string, Record<string, unknown>>> {
    const response = await fetch(`http://127.0.0.1:${this.#settings.apiPort}/v2/lbaas/${path}`, {
      method,
      headers: { 'x-project-id': projectId, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as Record<string, Record<string, unknown>>;
  }

  /** Creates a load balancer and waits until it is ACTIVE. */
  async loadBalancer(): Promise<string> {
    const { loadbalancer } = await this.request('POST', 'loadbalancers', { loadbalancer: { vip_subnet_id: subnetId } });
    const id = String(loadbalancer?.['id']);
    await eventually(async () => (await this.statusOf(id)) === 'ACTIVE');
    return id;
  }

  async statusOf(id: string): Promise<unknown> {
    return (await this.request('GET', `loadbalancers/${id}`))['loadbalancer']?.['provisioning_status'];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop('SIGTERM', 20_000)));
    await this.client.connection.close();
    await this.database.drop();
    await rm(this.#folder, { recursive: true });
  }
}

export interface Ending {
  readonly code: number | null;
  /** From the signal to the end. */
  readonly ms: number;
  /** How late this process, which looks for the end, was woken at most. */
  readonly latenessMs: number;
}

/** Sends SIGTERM and waits for the end, 30 s at most; `meanwhile` runs once the signal is out. */
export async function drain(child: Child, meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<Ending> {
  const lateness = watchLateness();
  const from = performance.now();
  child.process.kill('SIGTERM');
  await meanwhile();
  await until(() => gone(child), 30_000, 20);
  return { code: child.process.exitCode, ms: performance.now() - from, latenessMs: lateness() };
}
