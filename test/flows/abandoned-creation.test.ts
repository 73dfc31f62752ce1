import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { withdrawCreation } from '../../db/lifecycle/withdraw.ts';
import type { OperationRow } from '../../db/schema.ts';
import { workflowIdOf } from '../../model/operation.ts';
import { apiOf } from './support/api.ts';
import { startCloud, type Cloud } from './support/cloud.ts';
import { Gate } from './support/gate.ts';
import { operationRow, requestLoadBalancer } from './support/operations.ts';
import { undeletable } from './support/proofs/verdict.ts';
import { run } from './support/run.ts';
import { leftovers } from './support/slate.ts';
import { statusOf } from './support/statuses.ts';
import { untilTrue } from './support/stuck.ts';

/** So long a request waits for the VIP before it looks at the row. */
const vipLimitMs = 2_000;

let cloud: Cloud;
let api: FastifyInstance;
beforeAll(async () => {
  cloud = await startCloud();
  api = apiOf(cloud, vipLimitMs);
  // The first flow of a worker takes longer than the request waits.
  await run(cloud, await requestLoadBalancer(cloud.database.db, await cloud.newSubnet()));
});
let gate = new Gate();
afterEach(() => {
  gate.open();
  cloud.world.troubles.endAll();
});
afterAll(async () => {
  await api.close();
  await cloud.stop();
});

/** Asks for a load balancer whose flow waits in `call` when it has taken the operation. */
async function ask(call: string) {
  gate = new Gate();
  const { troubles } = cloud.world;
  troubles.order(call, '', { how: 'slow', gate });
  const payload = { loadbalancer: { vip_subnet_id: await cloud.newSubnet(), project_id: 'project' } };
  const answer = api.inject({ method: 'POST', url: '/v2/lbaas/loadbalancers', payload });
  await untilTrue(`the flow is in ${call}`, () => Promise.resolve(troubles.waiting > 0));
  return { answer, operation: await lastOperation() };
}

function lastOperation(): Promise<OperationRow> {
  const { db } = cloud.database;
  return db.selectFrom('operation').selectAll().orderBy('created_at', 'desc').limit(1).executeTakeFirstOrThrow();
}

/** The clean-up flows that its flow has started. */
async function cleanUpsOf({ load_balancer_id: loadBalancerId, sequence }: OperationRow): Promise<readonly unknown[]> {
  const handle = cloud.client.workflow.getHandle(workflowIdOf({ loadBalancerId, sequence }));
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(({ startChildWorkflowExecutionInitiatedEventAttributes: child }) => child ?? []);
}

const becomes = (operation: OperationRow, state: OperationRow['state']): Promise<void> =>
  untilTrue(`it has ${state}`, async () => (await operationRow(cloud.database.db, operation.id)).state === state);

test('a creation that was answered 503 does not come true, though its flow has begun and gets its VIP at last', async () => {
  const { answer, operation } = await ask('network.allocateVip');
  const { load_balancer_id: id } = operation;
  expect((await answer).statusCode).toBe(503);
  expect(await statusOf(cloud, id)).toBeNull();
  gate.open();
  await becomes(operation, 'failed');
  expect((await operationRow(cloud.database.db, operation.id)).causes.at(-1)?.type).toBe('Withdrawn');
  expect(await statusOf(cloud, id)).toBeNull();
  expect(await leftovers(cloud, id)).toEqual([]);
});

test.each([
  ['that gets its VIP when the request gives up', 'network.allocateVip'],
  ['that has its VIP when the request gives up', 'network.ensureVipSecurityGroup'],
])('a creation %s is answered 201, and comes true', async (_, call) => {
  const { answer, operation } = await ask(call);
  const { load_balancer_id: id } = operation;
  if (call === 'network.allocateVip') setTimeout(() => gate.open(), vipLimitMs + 500);
  const { statusCode, body } = await answer;
  expect(statusCode).toBe(201);
  expect(body).toContain(id);
  gate.open();
  await becomes(operation, 'succeeded');
  expect(await statusOf(cloud, id)).toBe('ACTIVE');
  expect(await undeletable(cloud, id)).toEqual([]);
});

test('a creation that was withdrawn before its flow began leaves nothing to a clean-up', async () => {
  const operation = await requestLoadBalancer(cloud.database.db, await cloud.newSubnet());
  expect(await withdrawCreation(cloud.database.db, operation)).toBe(true);
  const { failure, steps } = await run(cloud, operation);
  expect(failure).toContain('was withdrawn');
  expect(steps).toEqual([
    'allocateVip(load balancer, operation)',
    'hasSucceeded(operation)',
    'releaseVip(load balancer, 1)',
    'failOperation(operation, {…})',
  ]);
  expect(await cleanUpsOf(operation)).toEqual([]);
  expect((await operationRow(cloud.database.db, operation.id)).state).toBe('withdrawn');
  expect(await leftovers(cloud, operation.load_balancer_id)).toEqual([]);
});
