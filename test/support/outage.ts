/** Servers of a test's own that go away and come back with what they had: the run's own ones must stay for the others. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../cli/net/ports.ts';
import type { Command } from '../../cli/process/wrap.ts';
import { obtainTemporal, temporalBinaryOptions } from '../../cli/temporal/binary.ts';
import { awaitListening, devServerCommand } from '../../cli/temporal/server.ts';
import { loadSettings } from '../../config/settings.ts';
import { openDatabase } from '../../db/database.ts';
import { startChild, type Child } from './child.ts';
import { createMigrated, makeCluster, ownFolder } from './cluster.ts';
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

/** A Temporal server that keeps all it knows in a file. */
export async function mortalTemporal(): Promise<{ server: MortalServer; address: TestTemporalAddress }> {
  const folder = await ownFolder(folderPrefix);
  const port = await freePort();
  const binary = await obtainTemporal(temporalBinaryOptions(loadSettings(process.env)));
  const command = devServerCommand({ binary, port, file: join(folder, 'temporal.sqlite') });
  const server = new MortalServer(folder, command, () => awaitListening(port, startLimitMs));
  await server.start();
  return { server, address: { address: `127.0.0.1:${port}`, namespace: 'default' } };
}

/** A PostgreSQL that loses nothing that was committed, with an empty, migrated database. */
export async function mortalPostgres(): Promise<{ server: MortalServer; database: TestDatabase }> {
  const folder = await ownFolder(folderPrefix);
  const cluster = await makeCluster(folder, { durable: true });
  const server = new MortalServer(folder, cluster.command, () => cluster.serves(startLimitMs));
  await server.start();
  await createMigrated(cluster, 'weir');
  const url = cluster.url('weir');
  const db = openDatabase({ url, maxConnections: 20, applicationName: 'weir test', connectionTimeoutMs: 10_000 });
  return { server, database: { url, db, drop: () => db.destroy() } };
}
