import { afterAll, beforeAll, expect, test } from 'vitest';
import { completeOperation } from '../../db/lifecycle/complete.ts';
import { failOperation } from '../../db/lifecycle/fail.ts';
import type { Failure } from '../../model/operation.ts';
import type { OperationRow } from '../../db/schema.ts';
import { requestLoadBalancer, requestOf } from '../flows/support/operations.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

const subnetId = '5e0c2a4e-2f9b-4f8e-9d5b-0f3a2a5d7a09';
let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

async function made(): Promise<OperationRow> {
  const operation = await requestLoadBalancer(database.db, subnetId);
  const { load_balancer_id: id } = operation;
  await database.db.updateTable('load_balancer').set({ vip_ready: true }).where('id', '=', id).execute();
  return operation;
}

const closed = (status: string): Failure => ({ reason: `its workflow ended as ${status}`, causes: [], steps: [] });

async function outcome({ id, load_balancer_id: loadBalancer }: OperationRow): Promise<readonly [string, string]> {
  const { db } = database;
  const operation = await db.selectFrom('operation').select('state').where('id', '=', id).executeTakeFirstOrThrow();
  const row = await db
    .selectFrom('load_balancer')
    .select('provisioning_status')
    .where('id', '=', loadBalancer)
    .executeTakeFirstOrThrow();
  return [operation.state, row.provisioning_status];
}

test('an operation that succeeded between two looks of the sweeper is not failed by it', async () => {
  const operation = await made();
  await completeOperation(database.db, operation.id, []);
  await failOperation(database.db, operation.id, closed('COMPLETED'));
  expect(await outcome(operation)).toEqual(['succeeded', 'ACTIVE']);
});

test('an operation that was given up cannot take the load balancer from its next owner', async () => {
  const given = await made();
  await failOperation(database.db, given.id, closed('TERMINATED'));
  const next = await requestOf(database.db, 'deleteLoadBalancer', given.load_balancer_id);
  await expect(completeOperation(database.db, given.id, [])).rejects.toThrow(/failed already/);
  expect(await outcome(next)).toEqual(['accepted', 'PENDING_DELETE']);
});
