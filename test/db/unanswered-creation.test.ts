import { afterAll, beforeAll, expect, test } from 'vitest';
import { abandonCreation, withdrawCreation } from '../../db/lifecycle/withdraw.ts';
import { claimOperation, unansweredCreations, unstartedOperations } from '../../db/operation.ts';
import type { OperationRow } from '../../db/schema.ts';
import { requestLoadBalancer } from '../flows/support/operations.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
let operation: OperationRow;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const create = () => requestLoadBalancer(database.db, '5e0c2a4e-2f9b-4f8e-9d5b-0f3a2a5d7a09');
const idsOf = (operations: readonly OperationRow[]): string[] => operations.map(({ id }) => id);
const rowOf = ({ load_balancer_id: id }: OperationRow) =>
  database.db.selectFrom('load_balancer').select('id').where('id', '=', id).executeTakeFirst();

test('a creation whose answer could not name a VIP is taken back by the relay, never started', async () => {
  operation = await create();
  expect(idsOf(await unstartedOperations(database.db, 0, 10))).toEqual([]);
  expect(idsOf(await unansweredCreations(database.db, 0, 10))).toEqual([operation.id]);
  expect(idsOf(await unansweredCreations(database.db, 60_000, 10))).toEqual([]);
  expect(await withdrawCreation(database.db, operation)).toBe(true);
  expect(await rowOf(operation)).toBeUndefined();
});

test('a creation that a workflow has taken is not taken back', async () => {
  operation = await create();
  await claimOperation(database.db, operation.id);
  expect(await withdrawCreation(database.db, operation)).toBe(false);
  expect(await rowOf(operation)).toBeDefined();
});

test('a creation that was answered with its VIP and lost its workflow is started anew', async () => {
  operation = await create();
  const { load_balancer_id: id } = operation;
  await database.db.updateTable('load_balancer').set({ vip_ready: true }).where('id', '=', id).execute();
  expect(idsOf(await unstartedOperations(database.db, 0, 10))).toEqual([operation.id]);
  expect(idsOf(await unansweredCreations(database.db, 0, 10))).toEqual([]);
});

test('a VIP that is being written and a request that gives up: whoever comes first has the load balancer', async () => {
  operation = await create();
  const { load_balancer_id: id } = operation;
  const writing = database.db.updateTable('load_balancer').set({ vip_ready: true }).where('id', '=', id);
  const abandoned = await database.db.transaction().execute(async (tx) => {
    await tx.executeQuery(writing);
    return { answer: abandonCreation(database.db, operation) };
  });
  expect(await abandoned.answer).toBe(false);
  expect(await rowOf(operation)).toBeDefined();

  operation = await create();
  expect(await abandonCreation(database.db, operation)).toBe(true);
  expect(await rowOf(operation)).toBeUndefined();
  expect(await abandonCreation(database.db, operation)).toBe(false);
});
