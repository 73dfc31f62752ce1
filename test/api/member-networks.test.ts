import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, subnetId, type TestApi } from './support/api.ts';
import { buildListener, buildLoadBalancer, buildMember, buildPool } from './support/build.ts';
import { buildSubnet } from './support/network.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

/** A subnet of a network of its own. */
function newSubnet(): string {
  const subnet = buildSubnet(crypto.randomUUID(), crypto.randomUUID());
  api.network.subnets = [...api.network.subnets, subnet];
  return subnet.id;
}

async function newPool(loadBalancer: string): Promise<string> {
  return buildPool(api, { loadbalancer_id: loadBalancer });
}

/** An ACTIVE load balancer with a pool. */
async function newTree() {
  const loadBalancer = await buildLoadBalancer(api);
  await buildListener(api, loadBalancer);
  return { loadBalancer, pool: await newPool(loadBalancer) };
}

const lastPlug = () => api.starter.started.at(-1)?.arguments['plug'];

/** Whether a new member has the networks plugged. */
async function added(pool: string, address: string, subnet_id?: string): Promise<{ id: string; plug: unknown }> {
  const id = await buildMember(api, pool, { address, ...(subnet_id !== undefined && { subnet_id }) });
  return { id, plug: lastPlug() };
}

/** Whether a request has the networks plugged. */
async function asked(method: 'PUT' | 'DELETE', path: string, body?: unknown): Promise<unknown> {
  const { status } = await api.request(method, path, body);
  expect(status).toBeLessThan(300);
  const plug = lastPlug();
  await api.starter.settle();
  return plug;
}

const reweighed = (pool: string, id: string, weight: number) =>
  asked('PUT', `/v2/lbaas/pools/${pool}/members/${id}`, { member: { weight } });
const removed = (pool: string, id: string) => asked('DELETE', `/v2/lbaas/pools/${pool}/members/${id}`);
const replaced = (pool: string, members: readonly object[]) =>
  asked('PUT', `/v2/lbaas/pools/${pool}/members`, { members });

const setMember = (id: string, provisioning_status: 'ERROR' | 'ACTIVE') =>
  api.db.updateTable('member').set({ provisioning_status }).where('id', '=', id).execute();

/** Notes what the ports of the amphorae are plugged into; nothing for ports that are half made. */
async function plugInto(loadBalancer: string, plugged: readonly string[]): Promise<void> {
  const amphorae = api.db.selectFrom('amphora').select('id').where('load_balancer_id', '=', loadBalancer);
  await api.db
    .updateTable('amphora_member_port')
    .set({ plugged_subnet_ids: [...plugged] })
    .where('amphora_id', 'in', amphorae)
    .execute();
}

describe('a change of one member has networks plugged', () => {
  test('when it is the first in its subnet, or the last that leaves', async () => {
    const { pool } = await newTree();
    const subnet = newSubnet();
    const first = await added(pool, '10.0.0.1', subnet);
    const second = await added(pool, '10.0.0.2', subnet);
    expect([first.plug, second.plug]).toEqual([true, false]);
    expect(await reweighed(pool, first.id, 5)).toBe(false);
    expect(await removed(pool, first.id)).toBe(false);
    expect(await removed(pool, second.id)).toBe(true);
    expect((await added(pool, '10.0.0.3')).plug).toBe(false);
  });

  test('when nothing was plugged for those that are there, as after a creation without listeners', async () => {
    const { loadBalancer, pool } = await newTree();
    const subnet = newSubnet();
    await added(pool, '10.0.0.1', subnet);
    await api.db.deleteFrom('amphora_member_port').execute();
    const next = await added(pool, '10.0.0.2', subnet);
    expect(next.plug).toBe(true);
    await api.db.deleteFrom('amphora_member_port').execute();
    expect(await reweighed(pool, next.id, 5)).toBe(true);
    await plugInto(loadBalancer, []);
    expect(await reweighed(pool, next.id, 6)).toBe(true);
    expect(await reweighed(pool, next.id, 7)).toBe(false);
  });

  test('when one of a pair lacks what the other has', async () => {
    const { loadBalancer, pool } = await newTree();
    const { id } = await added(pool, '10.0.0.1', newSubnet());
    const peer = crypto.randomUUID();
    await api.db
      .insertInto('amphora')
      .values({ id: peer, load_balancer_id: loadBalancer, status: 'ALLOCATED', role: 'BACKUP' })
      .execute();
    expect(await reweighed(pool, id, 5)).toBe(true);
    await api.db.updateTable('amphora').set({ status: 'ERROR' }).where('id', '=', peer).execute();
    await api.db.deleteFrom('amphora_member_port').where('amphora_id', '=', peer).execute();
    expect(await reweighed(pool, id, 6)).toBe(false);
  });

  test('not for the VIP’s subnet, nor for another subnet of its network', async () => {
    const { pool } = await newTree();
    expect((await added(pool, '10.0.0.1', subnetId)).plug).toBe(false);
    const beside = await added(pool, '10.0.0.2', crypto.randomUUID());
    expect(beside.plug).toBe(false);
    expect(await reweighed(pool, beside.id, 5)).toBe(false);
    expect(await removed(pool, beside.id)).toBe(false);
  });

  test('and one in ERROR has its own plugged when it is changed, but nobody else is kept waiting for it', async () => {
    const { pool } = await newTree();
    const broken = await added(pool, '10.0.0.1', newSubnet());
    const other = await added(pool, '10.0.0.2');
    await setMember(broken.id, 'ERROR');
    await api.db.deleteFrom('amphora_member_port').execute();
    expect(await reweighed(pool, other.id, 5)).toBe(false);
    await setMember(broken.id, 'ERROR');
    expect(await reweighed(pool, broken.id, 5)).toBe(true);
    await setMember(broken.id, 'ERROR');
    expect(await reweighed(pool, other.id, 6)).toBe(false);
  });
});

describe('a batch has networks plugged', () => {
  const member = (address: string, subnet_id?: string) => ({ address, protocol_port: 80, subnet_id });

  test('when a subnet joins or leaves', async () => {
    const { pool } = await newTree();
    const [one, other] = [newSubnet(), newSubnet()];
    expect(await replaced(pool, [member('10.0.0.1', one)])).toBe(true);
    expect(await replaced(pool, [member('10.0.0.1', one), member('10.0.0.2', one)])).toBe(false);
    expect(await replaced(pool, [member('10.0.0.1', one), member('10.0.0.2', other)])).toBe(true);
    expect(await replaced(pool, [member('10.0.0.2', other)])).toBe(true);
    expect(await replaced(pool, [member('10.0.0.2', other), member('10.0.0.3')])).toBe(false);
  });

  test('when the member that leaves is in ERROR and its subnet is plugged all the same', async () => {
    const { pool } = await newTree();
    const { id } = await added(pool, '10.0.0.1', newSubnet());
    await setMember(id, 'ERROR');
    expect(await replaced(pool, [])).toBe(true);
  });
});

describe('the deletion of a pool has networks plugged', () => {
  test('when its members leave a subnet that nobody else is in', async () => {
    const { loadBalancer, pool } = await newTree();
    const [shared, alone] = [newSubnet(), newSubnet()];
    const [other, third] = [await newPool(loadBalancer), await newPool(loadBalancer)];
    await added(pool, '10.0.0.1', shared);
    await added(other, '10.0.0.1', shared);
    await added(third, '10.0.0.2', alone);
    expect(await asked('DELETE', `/v2/lbaas/pools/${other}`)).toBe(false);
    expect(await asked('DELETE', `/v2/lbaas/pools/${third}`)).toBe(true);
    expect(await asked('DELETE', `/v2/lbaas/pools/${pool}`)).toBe(true);
  });
});
