/** Servers of a test's own that go away and come back with what they had: the run's own ones must stay for the others. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../../cli/net/ports.ts';
import {
  awaitServing,
  databaseUrl,
  initialiseCluster,
  serverCommand,
  superuser,
  type ClusterOptions,
} from '../../cli/postgres/cluster.ts';
import { unprivileged, type Command } from '../../cli/process/wrap.ts';
import { obtainTemporal, temporalBinaryOptions } from '../../cli/temporal/binary.ts';
import { awaitListening, devServerCommand } from '../../cli/temporal/server.ts';
import { loadSettings } from '../../config/settings.ts';
import { openDatabase } from '../../db/database.ts';
import { migrate } from '../../db/migrate.ts';
import { startChild, type Child } from './child.ts';
import { foldersOfDeadRuns } from './dead-runs.ts';
import type { TestDatabase } from './postgres.ts';
import type { TestTemporalAddress } from './temporal.ts';

const folderPrefix = 'weir-test-outage-';
const startLimitMs = 60_000;

/** A server that a test can take away. */
export class MortalServer {
  readonly #command: Command;
  readonly #serves: () => Promise<boolean>;
  readonly #folder: string;
  #child: Child | undefined;

  constructor(folder: string, command: Command, serves: () => Promise<boolean>) {
    this.#folder = folder;
    this.#command = command;
    this.#serves = serves;
  }

  /** Starts it, the first time or again, and waits until it serves. */
  async start(): Promise<void> {
    this.#child = startChild(this.#command);
    if (await this.#serves()) return;
    await this.stop();
    throw new Error(`the server did not start: ${this.#child.output()}`);
  }

  /** Ends it at once, as `kill -9` and PostgreSQL's immediate shutdown do; what it had written stays. */
  async goAway(signal: 'SIGKILL' | 'SIGQUIT'): Promise<void> {
    await this.#child?.stop(signal);
  }

  async stop(): Promise<void> {
    await this.goAway('SIGKILL');
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function ownFolder(): Promise<string> {
  for (const folder of await foldersOfDeadRuns(folderPrefix)) await rm(folder, { recursive: true, force: true });
  return mkdtemp(join(tmpdir(), `${folderPrefix}${process.pid}-`));
}

/** A Temporal server that keeps all it knows in a file. */
export async function mortalTemporal(): Promise<{ server: MortalServer; address: TestTemporalAddress }> {
  const folder = await ownFolder();
  const port = await freePort();
  const binary = await obtainTemporal(temporalBinaryOptions(loadSettings(process.env)));
  const command = devServerCommand({ binary, port, file: join(folder, 'temporal.sqlite') });
  const server = new MortalServer(folder, command, () => awaitListening(port, startLimitMs));
  await server.start();
  return { server, address: { address: `127.0.0.1:${port}`, namespace: 'default' } };
}

/** A PostgreSQL that loses nothing that was committed, with an empty, migrated database. */
export async function mortalPostgres(): Promise<{ server: MortalServer; database: TestDatabase }> {
  const folder = await ownFolder();
  const options: ClusterOptions = {
    dataDir: join(folder, 'data'),
    port: await freePort(),
    durable: true,
    unprivileged: unprivileged(),
  };
  const password = randomBytes(32).toString('hex');
  await initialiseCluster(options, password);
  const server = new MortalServer(folder, serverCommand(options), () => awaitServing(options.dataDir, startLimitMs));
  await server.start();
  const client = new pg.Client({ connectionString: databaseUrl(options.port, superuser, password, 'postgres') });
  await client.connect();
  await client.query('create database weir');
  await client.end();
  const url = databaseUrl(options.port, superuser, password, 'weir');
  const db = openDatabase({ url, maxConnections: 20, applicationName: 'weir test', connectionTimeoutMs: 10_000 });
  await migrate(db);
  return { server, database: { url, db, drop: () => db.destroy() } };
}
