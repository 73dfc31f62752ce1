import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildPriority } from '../../model/build-priority.ts';
import type { OperationRow } from '../../db/schema.ts';
import { workflowIdOf } from '../../model/operation.ts';
import type { AmphoraRole } from '../../model/status.ts';
import { startCloud, type Cloud } from './support/cloud.ts';
import { Gate } from './support/gate.ts';
import { requestChange, requestLoadBalancer, requestOf } from './support/operations.ts';
import { undeletable } from './support/proofs/verdict.ts';
import { run, start } from './support/run.ts';
import { serving } from './support/serving.ts';
import { leftovers, strays } from './support/slate.ts';
import { statusOf } from './support/statuses.ts';
import { untilTrue } from './support/stuck.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterEach(() => cloud.world.troubles.endAll());
afterAll(() => cloud.stop());

/** A step whose worker has frozen in the call of a driver. */
interface Frozen {
  /** Lets it go on; gives why it failed, nothing when it did not. */
  thaw(): Promise<string>;
}

/** Calls a step as its flow did, until it is in the driver's call about `id`. */
async function freeze(call: string, id: string, step: () => Promise<unknown>): Promise<Frozen> {
  const gate = new Gate();
  const { troubles } = cloud.world;
  troubles.order(call, id, { how: 'slow', gate, times: 1 });
  const ended = step().then(
    () => '',
    (error: unknown) => String(error),
  );
  await untilTrue(`the step is in ${call}`, () => Promise.resolve(troubles.waiting > 0));
  return {
    thaw: () => {
      gate.open();
      return ended;
    },
  };
}

async function remove(id: string): Promise<void> {
  expect((await run(cloud, await requestOf(cloud.database.db, 'deleteLoadBalancer', id))).failure).toBeNull();
}

async function servingOne(): Promise<{ id: string; amphoraId: string }> {
  const { loadBalancerId: id } = await serving(cloud, 'SINGLE');
  return { id, amphoraId: await amphoraOf(id) };
}

/** The one amphora of a load balancer, or that of a role, that is not deleted. */
async function amphoraOf(loadBalancerId: string, role: AmphoraRole = 'STANDALONE'): Promise<string> {
  const { id } = await cloud.database.db
    .selectFrom('amphora')
    .select('id')
    .where('load_balancer_id', '=', loadBalancerId)
    .where('role', '=', role)
    .where('status', '<>', 'DELETED')
    .executeTakeFirstOrThrow();
  return id;
}

function lastOperationOf(loadBalancerId: string): Promise<OperationRow> {
  return cloud.database.db
    .selectFrom('operation')
    .selectAll()
    .where('load_balancer_id', '=', loadBalancerId)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
}

/** A creation that waits before `step`, and how it is cancelled and unwound. */
async function creation(step: string) {
  const operation = await requestLoadBalancer(cloud.database.db, await cloud.newSubnet());
  const { load_balancer_id: id, sequence } = operation;
  const { injector, ended } = await start(cloud, operation, { fault: { step, mode: 'hold' } });
  await injector.held;
  const fail = async (): Promise<void> => {
    await cloud.client.workflow.getHandle(workflowIdOf({ loadBalancerId: id, sequence })).cancel();
    injector.letGo();
    expect((await ended()).cancelled).toBe(true);
    expect(await statusOf(cloud, id)).toBe('ERROR');
  };
  return { id, operation, fail };
}

describe('a step that comes back after its load balancer was deleted leaves nothing', () => {
  const ofVip = [
    ['network.allocateVip', 'restoreVip'],
    ['network.ensureVipSecurityGroup', 'restoreVip'],
    ['network.ensureVipSecurityGroup', 'secureVip'],
  ] as const;

  test.each(ofVip)('from %s, in %s', async (call, activity) => {
    const { id } = await servingOne();
    const frozen = await freeze(call, id, () => cloud.activities[activity](id));
    await remove(id);
    expect(await frozen.thaw()).toContain('is gone');
    expect(await leftovers(cloud, id)).toEqual([]);
  });

  test('from network.ensureVrrpPort', async () => {
    const { id, amphoraId } = await servingOne();
    const frozen = await freeze('network.ensureVrrpPort', id, () => cloud.activities.createVrrpPort(amphoraId));
    await remove(id);
    expect(await frozen.thaw()).toContain('is gone');
    expect(await leftovers(cloud, id)).toEqual([]);
  });

  test('from compute.boot', async () => {
    const { id, amphoraId } = await servingOne();
    const boot = () => cloud.activities.bootAmphora(amphoraId, buildPriority.create);
    const frozen = await freeze('compute.boot', id, boot);
    await remove(id);
    expect(await frozen.thaw()).toContain('was given up');
    expect(await leftovers(cloud, id)).toEqual([]);
  });

  test('nor does one that begins then', async () => {
    const { id } = await servingOne();
    await remove(id);
    const { troubles } = cloud.world;
    const effects = troubles.effects('network.allocateVip', id);
    await expect(cloud.activities.restoreVip(id)).rejects.toThrow('is gone');
    expect(troubles.effects('network.allocateVip', id)).toBe(effects);
  });
});

describe('a step that comes back when nothing but the VIP is left to delete', () => {
  test('leaves nothing either', async () => {
    const { id } = await servingOne();
    const frozen = await freeze('network.allocateVip', id, () => cloud.activities.restoreVip(id));
    const operation = await requestOf(cloud.database.db, 'deleteLoadBalancer', id);
    const step = 'completeOperation(operation, […])';
    const { injector, ended } = await start(cloud, operation, { fault: { step, mode: 'hold' } });
    await injector.held;
    expect(await frozen.thaw()).toContain('is gone');
    injector.letGo();
    expect((await ended()).failure).toBeNull();
    expect(await leftovers(cloud, id)).toEqual([]);
  });

  test('leaves the VIP alone whose address a machine may still have', async () => {
    const { id } = await servingOne();
    const frozen = await freeze('network.allocateVip', id, () => cloud.activities.restoreVip(id));
    const { db } = cloud.database;
    await db.updateTable('load_balancer').set({ provisioning_status: 'DELETED' }).where('id', '=', id).execute();
    await frozen.thaw();
    expect(await leftovers(cloud, id)).toContain('VIP port');
  });
});

describe('a step that comes back after its flow was unwound leaves nothing', () => {
  test('from compute.boot', async () => {
    const { id, fail } = await creation('awaitAgent(new standalone)');
    const amphoraId = await amphoraOf(id);
    const boot = () => cloud.activities.bootAmphora(amphoraId, buildPriority.create);
    const frozen = await freeze('compute.boot', id, boot);
    await fail();
    expect(await frozen.thaw()).toContain('was given up');
    expect(await leftovers(cloud, id)).toEqual([]);
  });

  test('from network.ensureVrrpPort, but for the group that goes with the load balancer', async () => {
    const { id, fail } = await creation('awaitAgent(new standalone)');
    const amphoraId = await amphoraOf(id);
    const frozen = await freeze('network.ensureVrrpPort', id, () => cloud.activities.createVrrpPort(amphoraId));
    await fail();
    expect(await frozen.thaw()).toContain('is gone');
    expect(await leftovers(cloud, id)).toEqual(['security group']);
    expect(await undeletable(cloud, id)).toEqual([]);
  });

  test('from network.allocateVip, of a creation of which no row stays', async () => {
    const operation = await requestLoadBalancer(cloud.database.db, await cloud.newSubnet());
    const { load_balancer_id: id } = operation;
    const step = () => cloud.activities.allocateVip(id, operation.id);
    const frozen = await freeze('network.allocateVip', id, step);
    const fault = { step: 'allocateVip(load balancer, operation)', mode: 'before' } as const;
    expect((await run(cloud, operation, { fault })).failure).toContain('injected');
    expect(await statusOf(cloud, id)).toBeNull();
    expect(await frozen.thaw()).toContain('is gone');
    expect(await leftovers(cloud, id)).toEqual([]);
  });
});

test('a boot that comes back when its amphora serves leaves it its machine', async () => {
  const { id, amphoraId } = await servingOne();
  const boot = () => cloud.activities.bootAmphora(amphoraId, buildPriority.create);
  const frozen = await freeze('compute.boot', id, boot);
  expect(await frozen.thaw()).toContain('boots no more');
  expect(cloud.world.machinesOf(id)).toHaveLength(1);
  expect(await strays(cloud, id)).toEqual([]);
  expect(await undeletable(cloud, id)).toEqual([]);
});

describe('an amphora refuses what comes back after a newer operation has told it', () => {
  test('of HAProxy', async () => {
    const { id, amphoraId } = await servingOne();
    const { sequence } = await lastOperationOf(id);
    const frozen = await freeze('amphora.applyListeners', id, () => cloud.activities.applyListeners(id, sequence));
    const newer = await requestOf(cloud.database.db, 'updateLoadBalancer', id);
    expect((await run(cloud, newer)).failure).toBeNull();
    expect(await frozen.thaw()).toContain(`Sequence ${sequence} is older than ${newer.sequence}`);
    expect(cloud.world.amphorae.get(amphoraId)?.sequence).toBe(newer.sequence);
  });

  test('of keepalived, and still knows the peer that a failover has made', async () => {
    const { loadBalancerId: id } = await serving(cloud, 'ACTIVE_STANDBY');
    const [master, backup] = await Promise.all([amphoraOf(id, 'MASTER'), amphoraOf(id, 'BACKUP')]);
    const frozen = await freeze('amphora.applyVrrp', master, () => cloud.activities.applyVrrp(master));
    const failover = await requestChange(cloud.database.db, id, () =>
      Promise.resolve({ kind: 'failoverAmphora', resourceType: 'amphora', resourceId: backup }),
    );
    expect((await run(cloud, failover)).failure).toBeNull();
    expect(await frozen.thaw()).toContain('is older than');
    const replacement = await amphoraOf(id, 'BACKUP');
    expect(new Set(cloud.world.amphorae.get(master)?.pair)).toEqual(new Set([master, replacement]));
  });
});
