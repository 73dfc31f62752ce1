import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../cli/process/until.ts';
import { openDatabase } from '../../db/database.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

async function isGone(pid: number): Promise<boolean> {
  const { rows } = await sql`select 1 from pg_stat_activity where pid = ${pid}`.execute(database.db);
  return rows.length === 0;
}

describe('a process that freezes in the middle of a transaction', () => {
  it('loses its locks soon, and what it would have written', async () => {
    const { url } = database;
    const pool = { url, maxConnections: 1, applicationName: 'frozen', connectionTimeoutMs: 10_000 };
    // Longer than a process that does not freeze may take between two statements.
    const frozen = openDatabase({ ...pool, idleTransactionMs: 4_000 });
    await sql`create table held (id int primary key, value int)`.execute(database.db);
    await sql`insert into held values (1, 0)`.execute(database.db);
    const writer = frozen.transaction().execute(async (tx) => {
      await sql`update held set value = 1 where id = 1`.execute(tx);
      // It does nothing until somebody else has the row.
      await sql`update held set value = 2 where id = 1`.execute(database.db);
    });
    await expect(writer).rejects.toThrow(/terminat|closed|not queryable/i);
    const { rows } = await sql<{ value: number }>`select value from held`.execute(database.db);
    expect(rows).toEqual([{ value: 2 }]);
    await frozen.destroy();
  });
});

describe('a connection that breaks inside a transaction', () => {
  it('fails the transaction, not the process, and the next one works', async () => {
    const uncaught: unknown[] = [];
    const note = (error: unknown): void => void uncaught.push(error);
    process.on('uncaughtExceptionMonitor', note);
    const broken = database.db.transaction().execute(async (tx) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
      const pid = rows[0]?.pid ?? 0;
      await sql`select pg_terminate_backend(${pid})`.execute(database.db);
      await until(() => isGone(pid), 30_000);
      const ask = (): Promise<unknown> =>
        sql`select 1`.execute(tx).then(
          () => undefined,
          (error: unknown) => error,
        );
      throw await until(ask, 30_000);
    });
    await expect(broken).rejects.toThrow(/terminat|closed|not queryable/i);
    expect(uncaught).toEqual([]);
    process.off('uncaughtExceptionMonitor', note);
    expect((await sql`select 1`.execute(database.db)).rows).toHaveLength(1);
  });
});
