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
import { unprivileged } from '../../cli/process/wrap.ts';
import { openDatabase } from '../../db/database.ts';
import { migrate } from '../../db/migrate.ts';
import { startChild } from './child.ts';
import { foldersOfDeadRuns } from './dead-runs.ts';

export const templateDatabase = 'weir_template';

export interface TestPostgres {
  /** `url` has the superuser and the database `postgres`. */
  readonly description: { readonly url: string };
  stop(): Promise<void>;
}

const folderPrefix = 'weir-test-postgres-';

/** A PostgreSQL of its own in a temporary folder, without fsync, with a migrated template database. */
export async function startTestPostgres(): Promise<TestPostgres> {
  for (const folder of await foldersOfDeadRuns(folderPrefix)) await rm(folder, { recursive: true, force: true });
  const folder = await mkdtemp(join(tmpdir(), `${folderPrefix}${process.pid}-`));
  const password = randomBytes(32).toString('hex');
  const options: ClusterOptions = {
    dataDir: join(folder, 'data'),
    port: await freePort(),
    durable: false,
    unprivileged: unprivileged(),
  };
  await initialiseCluster(options, password);
  const server = startChild(serverCommand(options));
  const stop = async (): Promise<void> => {
    await server.stop('SIGQUIT');
    await rm(folder, { recursive: true, force: true });
  };
  if (!(await awaitServing(options.dataDir, 20_000))) {
    await stop();
    throw new Error(`the PostgreSQL of the tests did not start: ${server.output()}`);
  }
  const url = databaseUrl(options.port, superuser, password, 'postgres');
  await makeTemplate(url);
  return { description: { url }, stop };
}

async function makeTemplate(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`create database ${templateDatabase}`);
  await client.end();
  const template = openDatabase({
    url: url.replace(/\/postgres$/, `/${templateDatabase}`),
    maxConnections: 1,
    applicationName: 'weir test template',
    connectionTimeoutMs: 5_000,
  });
  await migrate(template);
  await template.destroy();
}
