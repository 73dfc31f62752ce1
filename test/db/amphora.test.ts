import { afterAll, beforeAll, expect, test } from 'vitest';
import { markAmphoraAllocated, markAmphoraBooting } from '../../db/lifecycle/amphora.ts';
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
