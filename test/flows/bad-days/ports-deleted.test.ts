import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OperationRow } from '../../../db/schema.ts';
import { startCloud, type Cloud } from '../support/cloud.ts';
import { requestOf } from '../support/operations.ts';
import { activityOf, Trial } from '../support/proofs/trial.ts';
import { undeletable, wrongAfterFailure, wrongAfterSuccess } from '../support/proofs/verdict.ts';
import { run } from '../support/run.ts';
import { nameOf, scenarios, type Scenario } from '../support/scenario.ts';
import { statusOf } from '../support/statuses.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());

const scenario = (name: string): Scenario => {
  const found = scenarios.find((one) => nameOf(one) === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
};

type Which = 'VIP' | 'VRRP' | 'member' | 'new member';

/** Deletes the ports as a tenant does who has the right to: behind Weir's back. Returns how many there were. */
async function deletePorts({ load_balancer_id: id }: OperationRow, which: Which): Promise<number> {
  const member = 'octavia-lb-member-%';
  const like = { VIP: `octavia-lb-${id}`, VRRP: 'octavia-lb-vrrp-%', member, 'new member': member }[which];
  const serves = sql`exists (select 1 from amphora_member_port m where m.port_id = port.id and m.plugged_subnet_ids <> '{}')`;
  const { rows } = await sql<{ id: string }>`delete from port where name like ${like}
    and (name = ${`octavia-lb-${id}`} or device_id in (select a.id::text from amphora a where a.load_balancer_id = ${id}))
    and not (${which === 'new member'} and ${serves})
    returning id`.execute(cloud.database.db);
  // A cloud takes the interface of a deleted port out of its machine (Nova: network-vif-deleted).
  for (const machine of cloud.world.machinesOf(id))
    for (const row of rows) cloud.world.machines.get(machine)?.ports.delete(row.id);
  return rows.length;
}

interface Case {
  readonly shape: string;
  /** The port goes before the first step that calls this. */
  readonly activity: string;
  readonly port: Which;
}

async function deletedBefore({ shape, activity, port }: Case) {
  const trial = new Trial(cloud, scenario(shape));
  const { steps } = (await trial.run()).ending;
  const step = steps.find((name) => activityOf(name) === activity) ?? '';
  const { operation, injector, ended } = await trial.start({ step, mode: 'hold' });
  await injector.held;
  expect(await deletePorts(operation, port)).toBeGreaterThan(0);
  injector.letGo();
  return { operation, ending: await ended() };
}

const withChildren = 'createLoadBalancer, with children, in a cloud';

describe('a port that a tenant deletes while a flow needs it', () => {
  const fatal: readonly Case[] = [
    { shape: 'createLoadBalancer, SINGLE', activity: 'bootAmphora', port: 'VRRP' },
    { shape: 'createLoadBalancer, SINGLE', activity: 'plugVip', port: 'VRRP' },
    { shape: 'createLoadBalancer, SINGLE', activity: 'plugVip', port: 'VIP' },
    { shape: 'createLoadBalancer, ACTIVE_STANDBY', activity: 'plugVip', port: 'VIP' },
    { shape: withChildren, activity: 'attachMemberPort', port: 'member' },
    { shape: withChildren, activity: 'plugMemberNetwork', port: 'member' },
    { shape: 'createMember, SINGLE', activity: 'plugMemberNetwork', port: 'new member' },
    { shape: 'failoverAmphora, STANDALONE, dead', activity: 'plugVip', port: 'VRRP' },
  ];
  for (const one of fatal)
    test(`ends it, says so, and leaves nothing: ${one.port} port, ${one.shape}, before ${one.activity}`, async () => {
      const { operation, ending } = await deletedBefore(one);
      expect(ending.failure).toMatch(/has no port on network|port .* does not exist|VRRP port/);
      expect(await wrongAfterFailure(cloud, scenario(one.shape), operation)).toEqual([]);
      expect(await undeletable(cloud, operation.load_balancer_id)).toEqual([]);
    });

  test('is made anew by a failover when nothing needed it any more: the VIP port', async () => {
    const shape = withChildren;
    const { operation, ending } = await deletedBefore({ shape, activity: 'applyListeners', port: 'VIP' });
    const { load_balancer_id: id } = operation;
    expect(ending.failure).toBeNull();
    expect(await statusOf(cloud, id)).toBe('ACTIVE');
    const failover = await requestOf(cloud.database.db, 'failoverLoadBalancer', id);
    expect((await run(cloud, failover)).failure).toBeNull();
    expect(await deletePorts(operation, 'VIP')).toBe(1);
    expect(await undeletable(cloud, id)).toEqual([]);
  });

  test('is made anew by the next change of members: the port of a member network', async () => {
    const shape = scenario('createMember, SINGLE');
    const operation = await shape.prepare(cloud);
    expect(await deletePorts(operation, 'member')).toBeGreaterThan(0);
    expect((await run(cloud, operation)).failure).toBeNull();
    expect(await wrongAfterSuccess(cloud, shape, operation)).toEqual([]);
    expect(await deletePorts(operation, 'member')).toBe(2);
    expect(await undeletable(cloud, operation.load_balancer_id)).toEqual([]);
  });
});
