/** What a failover finds besides the amphora that it replaces, and must not stumble over or leave behind. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ProvisioningStatus, Topology } from '../../model/status.ts';
import { startCloud, type Cloud } from './support/cloud.ts';
import { requestChange, requestLoadBalancer } from './support/operations.ts';
import { undeletable } from './support/proofs/verdict.ts';
import { addListener, addMember, addPool } from './support/rows.ts';
import { run } from './support/run.ts';
import { amphoraCount, missingAmphorae, unreachable, untold } from './support/service.ts';
import { serving, type Serving } from './support/serving.ts';
import { strays } from './support/slate.ts';
import { statusOf } from './support/statuses.ts';
import { untilTrue } from './support/stuck.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud({
    activeConnectionMaxRetries: 2,
    activeConnectionRetryIntervalSec: 1,
    failoverConnectionMaxRetries: 1,
    failoverConnectionRetryIntervalSec: 1,
  });
});
afterEach(() => cloud.world.troubles.endAll());
afterAll(() => cloud.stop());

const amphoraeOf = (loadBalancerId: string) =>
  cloud.database.db
    .selectFrom('amphora')
    .select(['id', 'role', 'status', 'compute_id as machine'])
    .where('load_balancer_id', '=', loadBalancerId)
    .execute();

async function amphora(loadBalancerId: string, role: string): Promise<string> {
  const found = (await amphoraeOf(loadBalancerId)).find((one) => one.role === role);
  if (found === undefined) throw new Error(`there is no ${role}`);
  return found.id;
}

const failOver = async (loadBalancerId: string, id: string) =>
  run(
    cloud,
    await requestChange(cloud.database.db, loadBalancerId, () =>
      Promise.resolve({ kind: 'failoverAmphora', resourceType: 'amphora', resourceId: id }),
    ),
  );

const add = (made: Serving, status: ProvisioningStatus, subnetId: string): Promise<string> =>
  cloud.database.db.transaction().execute((tx) => addMember(tx, made.poolId, status, subnetId, '10.11.0.77'));

async function memberStatus(id: string): Promise<string> {
  const row = cloud.database.db.selectFrom('member').select('provisioning_status as status').where('id', '=', id);
  return (await row.executeTakeFirstOrThrow()).status;
}

/** Whatever is wrong with a load balancer that is to serve. */
async function wrong(id: string, topology: Topology = 'SINGLE'): Promise<readonly string[]> {
  const status = await statusOf(cloud, id);
  return [
    ...(status === 'ACTIVE' ? [] : [`the load balancer is ${status}`]),
    ...(await missingAmphorae(cloud, id, topology)),
    ...(await untold(cloud, id)),
    ...(await unreachable(cloud, id)),
    ...(await strays(cloud, id)),
  ];
}

describe('the failover of an amphora', () => {
  it('is not held up by a member in ERROR whose subnet is full, and the member stays in ERROR', async () => {
    const made = await serving(cloud, 'SINGLE');
    const full = await cloud.newSubnet();
    const member = await add(made, 'ERROR', full);
    cloud.world.troubles.order('network.ensureMemberPort', full, { how: 'refuse', error: 'AddressesExhausted' });
    const { failure } = await failOver(made.loadBalancerId, await amphora(made.loadBalancerId, 'STANDALONE'));
    expect(failure).toBeNull();
    expect(await memberStatus(member)).toBe('ERROR');
    expect(await memberStatus(made.memberId)).toBe('ACTIVE');
    await untilTrue('what was half made for it is gone', async () => (await wrong(made.loadBalancerId)).length === 0);
  });

  it('puts a member in ERROR into service whose network can be had', async () => {
    const made = await serving(cloud, 'SINGLE');
    const member = await add(made, 'ERROR', await cloud.newSubnet());
    const { failure } = await failOver(made.loadBalancerId, await amphora(made.loadBalancerId, 'STANDALONE'));
    expect(failure).toBeNull();
    expect(await memberStatus(member)).toBe('ACTIVE');
    expect(await wrong(made.loadBalancerId)).toEqual([]);
  });

  it('leaves a member in ERROR that the other amphora of the pair cannot reach', async () => {
    const made = await serving(cloud, 'ACTIVE_STANDBY');
    const member = await add(made, 'ERROR', await cloud.newSubnet());
    const { failure } = await failOver(made.loadBalancerId, await amphora(made.loadBalancerId, 'MASTER'));
    expect(failure).toBeNull();
    expect(await memberStatus(member)).toBe('ERROR');
    expect(await wrong(made.loadBalancerId, 'ACTIVE_STANDBY')).toEqual([]);
  });

  it('is not held up by members whose subnet is gone', async () => {
    const made = await serving(cloud, 'SINGLE');
    await add(made, 'ACTIVE', randomUUID());
    const { failure } = await failOver(made.loadBalancerId, await amphora(made.loadBalancerId, 'STANDALONE'));
    expect(failure).toBeNull();
    expect(await wrong(made.loadBalancerId)).toEqual([]);
  });

  it('replaces the other too, when its own failover failed before', async () => {
    const { loadBalancerId } = await serving(cloud, 'ACTIVE_STANDBY');
    const failed = await amphora(loadBalancerId, 'BACKUP');
    await cloud.database.db.updateTable('amphora').set({ status: 'ERROR' }).where('id', '=', failed).execute();
    const { failure } = await failOver(loadBalancerId, await amphora(loadBalancerId, 'MASTER'));
    expect(failure).toBeNull();
    expect((await amphoraeOf(loadBalancerId)).find(({ id }) => id === failed)?.status).toBe('DELETED');
    expect(await amphoraCount(cloud, loadBalancerId)).toEqual({ serving: 2, wanted: 2 });
    expect(await wrong(loadBalancerId, 'ACTIVE_STANDBY')).toEqual([]);
  });

  it('makes the port of the VIP anew that a tenant has deleted', async () => {
    const { loadBalancerId } = await serving(cloud, 'SINGLE');
    const gone = await cloud.database.db
      .deleteFrom('port')
      .where('name', '=', `octavia-lb-${loadBalancerId}`)
      .executeTakeFirst();
    expect(gone.numDeletedRows).toBe(1n);
    const { failure } = await failOver(loadBalancerId, await amphora(loadBalancerId, 'STANDALONE'));
    expect(failure).toBeNull();
    expect(await wrong(loadBalancerId)).toEqual([]);
  });

  it('removes what a run had built for it that Temporal has lost', async () => {
    const { loadBalancerId } = await serving(cloud, 'ACTIVE_STANDBY');
    const old = await amphora(loadBalancerId, 'MASTER');
    const { activities, world } = cloud;
    const [booting, serves] = [randomUUID(), randomUUID()];
    for (const id of [booting, serves]) {
      await activities.registerAmphora(id, loadBalancerId, 'MASTER');
      await activities.createVrrpPort(id);
      world.machine(id, loadBalancerId);
    }
    await cloud.database.db.updateTable('amphora').set({ status: 'ALLOCATED' }).where('id', '=', serves).execute();
    const { failure } = await failOver(loadBalancerId, old);
    expect(failure).toBeNull();
    expect(await wrong(loadBalancerId, 'ACTIVE_STANDBY')).toEqual([]);
    expect(await undeletable(cloud, loadBalancerId)).toEqual([]);
  });
});

describe('the creation of a load balancer', () => {
  it('removes what a run had built for it that Temporal has lost', async () => {
    const operation = await requestLoadBalancer(cloud.database.db, await cloud.newSubnet());
    const { load_balancer_id: loadBalancerId } = operation;
    await cloud.activities.allocateVip(loadBalancerId, operation.id);
    const lost = randomUUID();
    await cloud.activities.registerAmphora(lost, loadBalancerId, 'STANDALONE');
    await cloud.activities.createVrrpPort(lost);
    cloud.world.machine(lost, loadBalancerId);
    expect((await run(cloud, operation)).failure).toBeNull();
    expect(cloud.world.machinesOf(loadBalancerId)).toHaveLength(1);
    expect(await wrong(loadBalancerId)).toEqual([]);
  });

  it('plugs the networks of members though there is no listener yet', async () => {
    const operation = await requestLoadBalancer(cloud.database.db, await cloud.newSubnet());
    const subnet = await cloud.newSubnet();
    await cloud.database.db.transaction().execute(async (tx) => {
      const poolId = await addPool(tx, operation.load_balancer_id, 'PENDING_CREATE');
      await addMember(tx, poolId, 'PENDING_CREATE', subnet);
    });
    expect((await run(cloud, operation)).failure).toBeNull();
    expect(await wrong(operation.load_balancer_id)).toEqual([]);
  });
});

describe('a batch of members', () => {
  it('unplugs nothing when HAProxy does not let go of those that leave', async () => {
    const made = await serving(cloud, 'SINGLE');
    const joins = await cloud.newSubnet();
    const operation = await requestChange(cloud.database.db, made.loadBalancerId, async (tx) => {
      await addListener(tx, made.loadBalancerId, 'ACTIVE', 81);
      const created = [await addMember(tx, made.poolId, 'PENDING_CREATE', joins, '10.11.0.201')];
      await tx
        .updateTable('member')
        .set({ provisioning_status: 'PENDING_DELETE' })
        .where('id', '=', made.memberId)
        .execute();
      const target = { kind: 'batchUpdateMembers', resourceType: 'pool', resourceId: made.poolId } as const;
      return { ...target, arguments: { plug: true, created, deleted: [made.memberId] } };
    });
    cloud.world.troubles.order('amphora.applyListeners', made.loadBalancerId, {
      how: 'refuse',
      error: 'ConfigurationRefused',
    });
    expect((await run(cloud, operation)).failure).toContain('was refused');
    // What HAProxy goes on with has it, though its row says ERROR.
    await cloud.database.db
      .updateTable('member')
      .set({ provisioning_status: 'ACTIVE' })
      .where('id', '=', made.memberId)
      .execute();
    expect(await unreachable(cloud, made.loadBalancerId)).toEqual([]);
    const ports = await cloud.database.db
      .selectFrom('amphora_member_port')
      .select('network_id')
      .where('amphora_id', '=', await amphora(made.loadBalancerId, 'STANDALONE'))
      .execute();
    expect(ports).toHaveLength(1);
  });
});
