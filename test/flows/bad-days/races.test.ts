import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { identifyNobody } from '../../../api/http/noauth.ts';
import { buildServer } from '../../../api/server.ts';
import { createLogger } from '../../../config/log.ts';
import { openDatabase, type Db } from '../../../db/database.ts';
import type { OperationRow } from '../../../db/schema.ts';
import { workflowIdOf } from '../../../model/operation.ts';
import { TemporalStarter } from '../../../temporal/open.ts';
import { createWorkerMetrics, type WorkerMetrics } from '../../../worker/metrics.ts';
import { startRelay } from '../../../worker/relay.ts';
import { FakeNetwork } from '../../api/support/network.ts';
import { startCloud, type Cloud } from '../support/cloud.ts';
import { operationRow, requestOf } from '../support/operations.ts';
import { undeletable } from '../support/proofs/verdict.ts';
import { serving, type Serving } from '../support/serving.ts';
import { strays } from '../support/slate.ts';
import { statusOf, unsettled } from '../support/statuses.ts';

const log = createLogger('test', 'silent');
const waitMs = 60_000;

let cloud: Cloud;
let metrics: WorkerMetrics;
const databases: Db[] = [];
beforeAll(async () => {
  cloud = await startCloud();
  metrics = createWorkerMetrics();
});
afterAll(async () => {
  await Promise.all(databases.map((db) => db.destroy()));
  await cloud.stop();
});

/** The pool of a process of its own. */
function openOwn(name: string): Db {
  const { url } = cloud.database;
  const db = openDatabase({ url, maxConnections: 8, applicationName: name, connectionTimeoutMs: 30_000 });
  databases.push(db);
  return db;
}

const starterOn = (db: Db): TemporalStarter => new TemporalStarter(cloud.client, db, cloud.settings, log);

function api(name: string): FastifyInstance {
  const db = openOwn(name);
  return buildServer({
    db,
    starter: starterOn(db),
    reader: { steps: () => Promise.resolve([]) },
    network: new FakeNetwork(),
    identify: identifyNobody,
    settings: cloud.settings,
    log,
  });
}

const operationsOf = (id: string): Promise<OperationRow[]> =>
  cloud.database.db
    .selectFrom('operation')
    .selectAll()
    .where('load_balancer_id', '=', id)
    .orderBy('sequence')
    .execute();

/** Mutations of every resource, none of which takes away what the next round needs. */
function mutations({ loadBalancerId: id, listenerId, poolId, memberId, monitorId }: Serving, port: number) {
  return [
    { method: 'PUT', url: `/v2/lbaas/loadbalancers/${id}`, body: { loadbalancer: { name: `web-${port}` } } },
    { method: 'PUT', url: `/v2/lbaas/listeners/${listenerId}`, body: { listener: { name: `web-${port}` } } },
    { method: 'PUT', url: `/v2/lbaas/pools/${poolId}`, body: { pool: { name: `web-${port}` } } },
    { method: 'PUT', url: `/v2/lbaas/pools/${poolId}/members/${memberId}`, body: { member: { weight: port % 256 } } },
    { method: 'PUT', url: `/v2/lbaas/healthmonitors/${monitorId}`, body: { healthmonitor: { delay: 5 + (port % 9) } } },
    { method: 'PUT', url: `/v2/lbaas/loadbalancers/${id}/failover`, body: {} },
    {
      method: 'PUT',
      url: `/v2/lbaas/pools/${poolId}/members?additive_only=True`,
      body: { members: [{ address: '192.0.2.7', protocol_port: port }] },
    },
    {
      method: 'POST',
      url: '/v2/lbaas/listeners',
      body: { listener: { loadbalancer_id: id, protocol: 'HTTP', protocol_port: port } },
    },
    {
      method: 'POST',
      url: '/v2/lbaas/pools',
      body: { pool: { loadbalancer_id: id, protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN' } },
    },
    {
      method: 'POST',
      url: `/v2/lbaas/pools/${poolId}/members`,
      body: { member: { address: '192.0.2.8', protocol_port: port } },
    },
  ] as const;
}

describe('two API processes that race for one load balancer', () => {
  test('let one change in at a time, answer 409 to the others, and each change has one workflow that ends', async () => {
    const made = await serving(cloud, 'SINGLE');
    const { loadBalancerId: id } = made;
    const apis = [api('api 1'), api('api 2')];
    const statuses: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      const wishes = [...mutations(made, 1000 + 2 * round), ...mutations(made, 1001 + 2 * round)];
      const answers = await Promise.all(
        apis.flatMap((one) =>
          wishes.map(({ method, url, body }) =>
            one.inject({ method, url, headers: { 'content-type': 'application/json' }, payload: JSON.stringify(body) }),
          ),
        ),
      );
      statuses.push(...answers.map(({ statusCode }) => statusCode));
      await expect.poll(() => statusOf(cloud, id), { timeout: waitMs, interval: 20 }).toBe('ACTIVE');
    }
    const won = statuses.filter((status) => status < 300).length;
    expect(new Set(statuses.filter((status) => status >= 300))).toEqual(new Set([409]));
    expect(statuses.length).toBe(400);
    expect(won).toBeGreaterThanOrEqual(10);

    const operations = await operationsOf(id);
    expect(operations.map(({ sequence }) => sequence)).toEqual(operations.map((_, at) => at + 1));
    expect(new Set(operations.map(({ state }) => state))).toEqual(new Set(['succeeded']));
    // The first made the load balancer.
    expect(operations.length).toBe(won + 1);
    for (const [at, { created_at: begun }] of operations.entries()) {
      const before = operations[at - 1]?.finished_at ?? '';
      expect(begun >= before).toBe(true);
    }
    // Each ends well; the last one a moment after its operation.
    for (const { sequence } of operations.slice(1))
      await cloud.client.workflow.getHandle(workflowIdOf({ loadBalancerId: id, sequence })).result();
    expect([...(await unsettled(cloud, id)), ...(await strays(cloud, id))]).toEqual([]);
    await Promise.all(apis.map((one) => one.close()));
    expect(await undeletable(cloud, id)).toEqual([]);
  }, 240_000);
});

describe('an operation that is relayed more than once', () => {
  const relay = (name: string): (() => Promise<void>) => {
    const db = openOwn(name);
    return startRelay({ db, starter: starterOn(db), settings: { relayIntervalMs: 10 }, log, metrics });
  };

  async function ended(operation: OperationRow): Promise<void> {
    await expect
      .poll(async () => (await operationRow(cloud.database.db, operation.id)).state, { timeout: waitMs, interval: 20 })
      .toBe('succeeded');
  }

  async function lastRunOf({ load_balancer_id: loadBalancerId, sequence }: OperationRow): Promise<string> {
    return (await cloud.client.workflow.getHandle(workflowIdOf({ loadBalancerId, sequence })).describe()).runId;
  }

  /** Runs that Temporal knows of this workflow id, each with its end. */
  async function runsOf(operation: OperationRow): Promise<readonly string[]> {
    const workflowId = workflowIdOf({ loadBalancerId: operation.load_balancer_id, sequence: operation.sequence });
    const runs: string[] = [];
    for await (const { status } of cloud.client.workflow.list({ query: `WorkflowId = '${workflowId}'` }))
      runs.push(status.name);
    return runs;
  }

  /** What is to be told of an operation that ended: its runs, configurations pushed, operations, what is left. */
  async function traceOf(operation: OperationRow) {
    const { load_balancer_id: id } = operation;
    await expect.poll(async () => (await runsOf(operation)).at(0), { timeout: waitMs }).toBe('COMPLETED');
    return {
      runs: (await runsOf(operation)).length,
      pushes: cloud.world.troubles.effects('amphora.applyListeners', id),
      operations: (await operationsOf(id)).length,
      left: await undeletable(cloud, id),
    };
  }

  /** The first operation, and the first push, are those of the load balancer's creation. */
  const oneEffect = { runs: 1, pushes: 2, operations: 2, left: [] };

  test('by two relays and the API at the same time has one workflow and one effect', async () => {
    const { loadBalancerId } = await serving(cloud, 'SINGLE');
    const operation = await requestOf(cloud.database.db, 'updateLoadBalancer', loadBalancerId);
    const relays = [relay('relay 1'), relay('relay 2')];
    await Promise.all([starterOn(openOwn('api')).start(operation), starterOn(openOwn('api')).start(operation)]);
    await ended(operation);
    await Promise.all(relays.map((stop) => stop()));
    expect(await traceOf(operation)).toEqual(oneEffect);
  });

  test('by two relays alone has one workflow and one effect', async () => {
    const { loadBalancerId } = await serving(cloud, 'SINGLE');
    const operation = await requestOf(cloud.database.db, 'updateLoadBalancer', loadBalancerId);
    const relays = [relay('relay 1'), relay('relay 2')];
    await ended(operation);
    await Promise.all(relays.map((stop) => stop()));
    expect(await traceOf(operation)).toEqual(oneEffect);
  });

  test('after it has ended, by a relay that was slow, is not begun again', async () => {
    const { loadBalancerId } = await serving(cloud, 'SINGLE');
    const operation = await requestOf(cloud.database.db, 'updateLoadBalancer', loadBalancerId);
    const starter = starterOn(cloud.database.db);
    await starter.start(operation);
    await ended(operation);
    const run = await lastRunOf(operation);
    await starter.start(operation);
    expect(await lastRunOf(operation)).toBe(run);
    expect((await operationRow(cloud.database.db, operation.id)).state).toBe('succeeded');
    expect(await traceOf(operation)).toEqual(oneEffect);
  });
});
