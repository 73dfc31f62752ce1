import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createLogger } from '../../config/log.ts';
import { completeOperation } from '../../db/lifecycle/complete.ts';
import { claimOperation } from '../../db/operation.ts';
import type { OperationRow } from '../../db/schema.ts';
import { workflowIdOf } from '../../model/operation.ts';
import { createWorkerMetrics } from '../../worker/metrics.ts';
import { startSweeper } from '../../worker/sweeper.ts';
import { operationRow, requestLoadBalancer, requestOf } from '../flows/support/operations.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

const subnetId = '5e0c2a4e-2f9b-4f8e-9d5b-0f3a2a5d7a09';
const log = createLogger('test', 'silent');

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());
afterEach(async () => {
  await database.db.deleteFrom('load_balancer').execute();
  await database.db.deleteFrom('operation').execute();
});

/** What Temporal says of a workflow: its status, or that there is none. May do something before it answers. */
type Say = () => Promise<string> | string;

/** A Temporal that says this of each workflow, and counts how often it was asked. */
function temporal(say: Say) {
  const asked: string[] = [];
  const describe = async (workflowId: string) => {
    asked.push(workflowId);
    return { status: { name: await say() } };
  };
  const client = { workflow: { getHandle: (id: string) => ({ describe: () => describe(id) }) } };
  return { asked, client: client as unknown as Client };
}

/** A load balancer with its VIP that is being deleted by a workflow that has taken the operation. */
async function underWay(): Promise<OperationRow> {
  const { db } = database;
  const created = await requestLoadBalancer(db, subnetId);
  const { load_balancer_id: id } = created;
  await db.updateTable('load_balancer').set({ vip_ready: true }).where('id', '=', id).execute();
  await completeOperation(db, created.id, []);
  const operation = await requestOf(db, 'deleteLoadBalancer', id);
  await claimOperation(db, operation.id);
  return operation;
}

async function statesOf({ id, load_balancer_id: loadBalancerId }: OperationRow): Promise<readonly unknown[]> {
  const { state } = await operationRow(database.db, id);
  const { provisioning_status: status } = await database.db
    .selectFrom('load_balancer')
    .select('provisioning_status')
    .where('id', '=', loadBalancerId)
    .executeTakeFirstOrThrow();
  return [state, status];
}

/** Lets the sweeper look until it has done what is asked for; returns what it counted. */
async function sweep(say: Say, done: (asked: readonly string[]) => Promise<boolean> | boolean) {
  const metrics = createWorkerMetrics();
  const { asked, client } = temporal(say);
  const stop = startSweeper({ db: database.db, client, settings: { sweeperIntervalSec: 0.01 }, log, metrics });
  await expect.poll(() => done(asked), { timeout: 20_000, interval: 10 }).toBe(true);
  await stop();
  const { values } = await metrics.swept.get();
  return Object.fromEntries(values.filter(({ value }) => value > 0).map(({ labels, value }) => [labels.what, value]));
}

test('an operation whose workflow runs is left alone', async () => {
  const operation = await underWay();
  const found = await sweep(
    () => 'RUNNING',
    (asked) => asked.length >= 2,
  );
  expect(found).toEqual({});
  expect(await statesOf(operation)).toEqual(['started', 'PENDING_DELETE']);
});

test('an operation whose workflow is not there goes back to the relay', async () => {
  const operation = await underWay();
  const { sequence, load_balancer_id: loadBalancerId } = operation;
  const found = await sweep(
    () =>
      Promise.reject(
        new WorkflowNotFoundError('no such workflow', workflowIdOf({ loadBalancerId, sequence }), undefined),
      ),
    async () => (await operationRow(database.db, operation.id)).state === 'accepted',
  );
  expect(found).toEqual({ lost: 1 });
  expect(await statesOf(operation)).toEqual(['accepted', 'PENDING_DELETE']);
});

test('an operation whose workflow ended without a word has failed, once', async () => {
  const operation = await underWay();
  const found = await sweep(
    () => 'TERMINATED',
    async () => (await operationRow(database.db, operation.id)).state === 'failed',
  );
  expect(found).toEqual({ closed: 1 });
  expect(await statesOf(operation)).toEqual(['failed', 'ERROR']);
});

test('a workflow that ended as it should while the sweeper looked is no find', async () => {
  const operation = await underWay();
  const found = await sweep(
    async () => {
      await completeOperation(database.db, operation.id, []);
      return 'COMPLETED';
    },
    (asked) => asked.length >= 1,
  );
  expect(found).toEqual({});
  expect(await statesOf(operation)).toEqual(['succeeded', 'DELETED']);
});

test('a load balancer that is PENDING for nobody is put in ERROR', async () => {
  const operation = await underWay();
  await database.db
    .updateTable('operation')
    .set({ state: 'failed', finished_at: '2026-01-01T00:00:00Z' })
    .where('id', '=', operation.id)
    .execute();
  const found = await sweep(
    () => 'RUNNING',
    async () => (await statesOf(operation))[1] === 'ERROR',
  );
  expect(found).toEqual({ ownerless: 1 });
});
