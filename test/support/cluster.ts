/** PostgreSQL clusters of the tests' own, each in a temporary folder. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../../cli/net/ports.ts';
import { awaitServing, databaseUrl, initialiseCluster, serverCommand, superuser } from '../../cli/postgres/cluster.ts';
import { unprivileged, type Command } from '../../cli/process/wrap.ts';
import { openDatabase } from '../../db/database.ts';
import { migrate } from '../../db/migrate.ts';
import { foldersOfDeadRuns } from './dead-runs.ts';

/** Makes a folder for a server of this process, and removes those that processes left which were killed. */
export async function ownFolder(prefix: string): Promise<string> {
  for (const folder of await foldersOfDeadRuns(prefix)) await rm(folder, { recursive: true, force: true });
  return mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
}

export interface TestCluster {
  /** Starts its server. */
  readonly command: Command;
  /** Waits until its server serves; false when it does not in time. */
  serves(limitMs: number): Promise<boolean>;
  /** The superuser's way into one of its databases. */
  url(database: string): string;
}

/** A new cluster. `durable` ones lose nothing that was committed; the others are quicker. */
export async function makeCluster(folder: string, { durable }: { readonly durable: boolean }): Promise<TestCluster> {
  const options = { dataDir: join(folder, 'data'), port: await freePort(), durable, unprivileged: unprivileged() };
  const password = randomBytes(32).toString('hex');
  await initialiseCluster(options, password);
  return {
    command: serverCommand(options),
    serves: (limitMs) => awaitServing(options.dataDir, limitMs),
    url: (database) => databaseUrl(options.port, superuser, password, database),
  };
}

/** Makes a database with all of Weir's tables in a cluster that serves. */
export async function createMigrated(cluster: TestCluster, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: cluster.url('postgres') });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const url = cluster.url(name);
  const db = openDatabase({ url, maxConnections: 1, applicationName: 'weir test', connectionTimeoutMs: 5_000 });
  await migrate(db);
  await db.destroy();
}
