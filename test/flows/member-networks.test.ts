import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { apiOf } from './support/api.ts';
import { startCloud, type Cloud } from './support/cloud.ts';
import { requestLoadBalancer } from './support/operations.ts';
import { undeletable } from './support/proofs/verdict.ts';
import { addMember, addPool } from './support/rows.ts';
import { run } from './support/run.ts';
import { unreachable } from './support/service.ts';
import { serving } from './support/serving.ts';
import { strays } from './support/slate.ts';
import { statusOf } from './support/statuses.ts';
import { untilTrue } from './support/stuck.ts';

let cloud: Cloud;
let api: FastifyInstance;
beforeAll(async () => {
  cloud = await startCloud({ amphoraMaxRetries: 1 });
  api = apiOf(cloud);
});
afterEach(() => cloud.world.troubles.endAll());
afterAll(async () => {
  await api.close();
  await cloud.stop();
});

/** Sends a request and waits for the end of its flow; gives how its operation ended. */
async function carryOut(id: string, method: 'POST' | 'PUT', url: string, payload: object): Promise<string> {
  const { statusCode } = await api.inject({ method, url, payload });
  expect(statusCode).toBeLessThan(300);
  await untilTrue('the flow is over', async () => (await statusOf(cloud, id)) === 'ACTIVE');
  const { state } = await cloud.database.db
    .selectFrom('operation')
    .select('state')
    .where('load_balancer_id', '=', id)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  return state;
}

async function memberPorts(id: string): Promise<number> {
  const rows = await cloud.database.db
    .selectFrom('amphora_member_port')
    .innerJoin('amphora', 'amphora.id', 'amphora_member_port.amphora_id')
    .select('port_id')
    .where('amphora.load_balancer_id', '=', id)
    .execute();
  return rows.length;
}

test('a member beside one of a creation without listeners is reached, and so is that one', async () => {
  const { db } = cloud.database;
  const operation = await requestLoadBalancer(db, await cloud.newSubnet());
  const { load_balancer_id: id } = operation;
  const subnetId = await cloud.newSubnet();
  const poolId = await db.transaction().execute(async (tx) => {
    const pool = await addPool(tx, id, 'PENDING_CREATE');
    await addMember(tx, pool, 'PENDING_CREATE', subnetId);
    return pool;
  });
  expect((await run(cloud, operation)).failure).toBeNull();
  const member = { address: '10.11.0.201', protocol_port: 80, subnet_id: subnetId };
  expect(await carryOut(id, 'POST', `/v2/lbaas/pools/${poolId}/members`, { member })).toBe('succeeded');
  expect(await unreachable(cloud, id)).toEqual([]);
  expect(await undeletable(cloud, id)).toEqual([]);
});

test('a member whose edit failed takes its network with it when a batch leaves nobody', async () => {
  const { loadBalancerId: id, poolId, memberId } = await serving(cloud, 'SINGLE');
  const end = cloud.world.troubles.order('amphora.applyListeners', id, {
    how: 'refuse',
    error: 'ConfigurationRefused',
  });
  const members = `/v2/lbaas/pools/${poolId}/members`;
  expect(await carryOut(id, 'PUT', `${members}/${memberId}`, { member: { weight: 7 } })).toBe('failed');
  end();
  expect(await memberPorts(id)).toBe(1);
  expect(await carryOut(id, 'PUT', members, { members: [] })).toBe('succeeded');
  expect(await memberPorts(id)).toBe(0);
  expect(await strays(cloud, id)).toEqual([]);
  expect(await undeletable(cloud, id)).toEqual([]);
});
