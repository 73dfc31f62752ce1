import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger } from '../../config/log.ts';
import { completeOperation } from '../../db/lifecycle/complete.ts';
import type { OperationStarter } from '../../temporal/starter.ts';
import { createWorkerMetrics } from '../../worker/metrics.ts';
import { startRelay } from '../../worker/relay.ts';
import { requestLoadBalancer, requestOf } from '../flows/support/operations.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

const log = createLogger('test', 'silent');

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

/** An operation that waits for its workflow. */
async function waiting(): Promise<void> {
  const { db } = database;
  const { id, load_balancer_id: loadBalancerId } = await requestLoadBalancer(db, crypto.randomUUID());
  await db.updateTable('load_balancer').set({ vip_ready: true }).where('id', '=', loadBalancerId).execute();
  await completeOperation(db, id, []);
  await requestOf(db, 'updateLoadBalancer', loadBalancerId);
}

test('the relay counts the workflows that it started, not how often it tried', async () => {
  await waiting();
  let tries = 0;
  // Temporal is away twice; the start is noted late, so that it is tried again although the workflow is there.
  const starter: Pick<OperationStarter, 'start'> = {
    start: () => {
      tries += 1;
      return Promise.resolve(tries === 3);
    },
  };
  const metrics = createWorkerMetrics();
  const stop = startRelay({ db: database.db, starter, settings: { relayIntervalMs: 10 }, log, metrics });
  await expect.poll(() => tries, { timeout: 20_000, interval: 10 }).toBeGreaterThanOrEqual(6);
  await stop();
  const { values } = await metrics.relayed.get();
  expect(values.map(({ value }) => value)).toEqual([1]);
});
