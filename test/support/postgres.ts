import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { openDatabase, type Db } from '../../db/database.ts';
import { templateDatabase } from './postgres-server.ts';
import { askForServer } from './servers.ts';

export interface TestDatabase {
  /** postgres://… of this database, as WEIR_DATABASE_URL takes it. */
  readonly url: string;
  readonly db: Db;
  /** Closes `db` and drops the database, whoever is still connected. */
  drop(): Promise<void>;
}

/**
 * A migrated, empty database on the run's PostgreSQL, for one test file:
 * `const database = await freshDatabase(); afterAll(() => database.drop());`
 */
export async function freshDatabase(): Promise<TestDatabase> {
  const server = await askForServer<{ url: string }>('postgres');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await execute(server.url, `create database ${name} template ${templateDatabase} strategy file_copy`);
  const url = server.url.replace(/\/postgres$/, `/${name}`);
  const db = openDatabase({ url, maxConnections: 10, applicationName: 'weir test', connectionTimeoutMs: 10_000 });
  return {
    url,
    db,
    drop: async () => {
      await db.destroy();
      await execute(server.url, `drop database if exists ${name} with (force)`);
    },
  };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
