import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../cli/process/until.ts';
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

describe('a connection that breaks inside a transaction', () => {
  it('fails the transaction, not the process, and the next one works', async () => {
    const uncaught: unknown[] = [];
    const note = (error: unknown): void => void uncaught.push(error);
    process.on('uncaughtExceptionMonitor', note);
    const broken = database.db.transaction().execute(async (tx) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
      const pid = rows[0]?.pid ?? 0;
      await sql`select pg_terminate_backend(${pid})`.execute(database.db);
      await until(() => isGone(pid), 10_000);
      const ask = (): Promise<unknown> =>
        sql`select 1`.execute(tx).then(
          () => undefined,
          (error: unknown) => error,
        );
      throw await until(ask, 10_000);
    });
    await expect(broken).rejects.toThrow(/terminat|closed|not queryable/i);
    expect(uncaught).toEqual([]);
    process.off('uncaughtExceptionMonitor', note);
    expect((await sql`select 1`.execute(database.db)).rows).toHaveLength(1);
  });
});
