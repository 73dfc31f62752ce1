import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isSilent } from '../../db/amphora-health.ts';
import { markAmphoraAllocated, markAmphoraBooting } from '../../db/lifecycle/amphora.ts';
import { utcNow } from '../../db/operation.ts';
import { amphoraStatuses, type AmphoraStatus } from '../../model/status.ts';
import { makeLoadBalancer } from '../health/rows.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

async function after(from: AmphoraStatus, mark: (id: string) => Promise<boolean>): Promise<[boolean, AmphoraStatus]> {
  const { amphorae } = await makeLoadBalancer(database.db, { amphoraStatus: from });
  const [id = ''] = amphorae;
  const marked = await mark(id);
  const { status } = await database.db
    .selectFrom('amphora')
    .select('status')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return [marked, status];
}

const upTo: Readonly<Record<'BOOTING' | 'ALLOCATED', readonly AmphoraStatus[]>> = {
  BOOTING: ['PENDING_CREATE', 'BOOTING'],
  ALLOCATED: ['PENDING_CREATE', 'BOOTING', 'ALLOCATED'],
};

test.each(amphoraStatuses)('an amphora in %s is not called back by a step of its boot that was away', async (from) => {
  const booting = (id: string) => markAmphoraBooting(database.db, id, 'machine');
  const allocated = (id: string) => markAmphoraAllocated(database.db, id);
  const wanted = (to: 'BOOTING' | 'ALLOCATED') => (upTo[to].includes(from) ? [true, to] : [false, from]);
  expect(await after(from, booting)).toEqual(wanted('BOOTING'));
  expect(await after(from, allocated)).toEqual(wanted('ALLOCATED'));
});

describe('an amphora is silent', () => {
  /** Heard of, and marked for removal if it was, so many seconds ago. */
  async function silent(heardAgo: number | null, markedAgo: number | null = null): Promise<boolean> {
    const { db } = database;
    const { amphorae } = await makeLoadBalancer(db, { amphoraStatus: 'ALLOCATED' });
    const [id = ''] = amphorae;
    const ago = (seconds: number) => sql<string>`${utcNow} - make_interval(secs => ${seconds})`;
    await db.deleteFrom('amphora_health').where('amphora_id', '=', id).execute();
    if (heardAgo !== null)
      await db
        .insertInto('amphora_health')
        .values({ amphora_id: id, last_update: ago(heardAgo) })
        .execute();
    if (markedAgo !== null)
      await db
        .updateTable('amphora')
        .set({ status: 'PENDING_DELETE', updated_at: ago(markedAgo) })
        .where('id', '=', id)
        .execute();
    return isSilent(db, id, 60);
  }

  test('once it has not been heard of for as long as that', async () => {
    expect([await silent(50), await silent(70), await silent(null)]).toEqual([false, true, false]);
  });

  test('on its way out, if it was when it was marked: nobody listens to it any more', async () => {
    expect([await silent(400, 390), await silent(400, 300)]).toEqual([false, true]);
  });
});
