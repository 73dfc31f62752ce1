import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from './support/api.ts';
import { buildHealthMonitor, buildListener, buildLoadBalancer, buildMember, buildPool } from './support/build.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const lastOperation = () => api.starter.started.at(-1);
const statusOf = async (table: 'load_balancer' | 'listener' | 'pool', id: string) =>
  (await api.db.selectFrom(table).select('provisioning_status').where('id', '=', id).executeTakeFirstOrThrow())
    .provisioning_status;

async function buildTree() {
  const loadBalancer = await buildLoadBalancer(api);
  const listener = await buildListener(api, loadBalancer);
  const pool = await buildPool(api, { listener_id: listener });
  return { loadBalancer, listener, pool };
}

describe('a member', () => {
  test('locks its pool, the listeners of the pool and the load balancer', async () => {
    const { loadBalancer, listener, pool } = await buildTree();
    const other = await buildListener(api, loadBalancer, { protocol_port: 81 });
    const { status } = await api.request('POST', `/v2/lbaas/pools/${pool}/members`, {
      member: { address: '192.0.2.1', protocol_port: 80 },
    });
    expect(status).toBe(201);
    expect(await statusOf('load_balancer', loadBalancer)).toBe('PENDING_UPDATE');
    expect(await statusOf('pool', pool)).toBe('PENDING_UPDATE');
    expect(await statusOf('listener', listener)).toBe('PENDING_UPDATE');
    expect(await statusOf('listener', other)).toBe('ACTIVE');
    await api.starter.settle();
  });

  test('is refused twice at one address and port, and the load balancer stays ACTIVE', async () => {
    const { loadBalancer, pool } = await buildTree();
    await buildMember(api, pool, { address: '192.0.2.7', protocol_port: 80 });
    const { status, body } = await api.request('POST', `/v2/lbaas/pools/${pool}/members`, {
      member: { address: '192.0.2.7', protocol_port: 80 },
    });
    expect(status).toBe(409);
    expect(body['faultstring']).toBe('Another member on this pool is already using ip 192.0.2.7 on protocol_port 80');
    expect(await statusOf('load_balancer', loadBalancer)).toBe('ACTIVE');
  });

  test('of a pool in ERROR is immutable, as the pool says', async () => {
    const { pool } = await buildTree();
    await api.db.updateTable('pool').set({ provisioning_status: 'ERROR' }).where('id', '=', pool).execute();
    const { status, body } = await api.request('POST', `/v2/lbaas/pools/${pool}/members`, {
      member: { address: '192.0.2.7', protocol_port: 80 },
    });
    expect(status).toBe(409);
    expect(body['faultstring']).toBe(`Pool ${pool} is immutable and cannot be updated.`);
  });

  test('must not be the metadata service', async () => {
    const { pool } = await buildTree();
    const { status, body } = await api.request('POST', `/v2/lbaas/pools/${pool}/members`, {
      member: { address: '169.254.169.254', protocol_port: 80 },
    });
    expect(status).toBe(400);
    expect(body['faultstring']).toBe('169.254.169.254 is not a valid option for member address');
  });
});

describe('a batch of members', () => {
  const put = (pool: string, members: object[], query = '') =>
    api.request('PUT', `/v2/lbaas/pools/${pool}/members${query}`, { members });

  test('creates, updates and deletes in one operation', async () => {
    const { pool } = await buildTree();
    const kept = await buildMember(api, pool, { address: '10.0.0.1', name: 'kept', weight: 9 });
    const gone = await buildMember(api, pool, { address: '10.0.0.2' });
    const { status } = await put(pool, [
      { address: '10.0.0.1', protocol_port: 80 },
      { address: '10.0.0.3', protocol_port: 80 },
    ]);
    expect(status).toBe(202);
    const rows = await api.db.selectFrom('member').selectAll().where('pool_id', '=', pool).orderBy('address').execute();
    expect(rows).toMatchObject([
      { id: kept, name: 'kept', weight: 1, provisioning_status: 'PENDING_UPDATE' },
      { id: gone, provisioning_status: 'PENDING_DELETE' },
      { address: '10.0.0.3', provisioning_status: 'PENDING_CREATE' },
    ]);
    expect(lastOperation()).toMatchObject({
      kind: 'batchUpdateMembers',
      resource_id: pool,
      arguments: { poolId: pool, created: [rows[2]?.id], updated: [kept], deleted: [gone], plug: false },
    });
    await api.starter.settle();
  });

  test('deletes nobody when it is additive', async () => {
    const { pool } = await buildTree();
    await buildMember(api, pool, { address: '10.0.0.1' });
    await put(pool, [{ address: '10.0.0.2', protocol_port: 80 }], '?additive_only=True');
    expect(lastOperation()).toMatchObject({ arguments: { deleted: [] } });
    await api.starter.settle();
  });

  test('with nothing to do leaves the load balancer ACTIVE', async () => {
    const { pool, loadBalancer } = await buildTree();
    expect((await put(pool, [])).status).toBe(202);
    expect(await statusOf('load_balancer', loadBalancer)).toBe('ACTIVE');
  });

  test('names a member that it has twice', async () => {
    const { pool, loadBalancer } = await buildTree();
    const member = { address: '10.0.0.1', protocol_port: 80 };
    const { status, body } = await put(pool, [member, member]);
    expect(status).toBe(409);
    expect(body['faultstring']).toBe('Another member on this pool is already using ip 10.0.0.1 on protocol_port 80');
    expect(await statusOf('load_balancer', loadBalancer)).toBe('ACTIVE');
  });
});

describe('a listener', () => {
  test('shares its port only with another transport', async () => {
    const id = await buildLoadBalancer(api);
    await buildListener(api, id, { protocol: 'HTTP', protocol_port: 53 });
    const { status, body } = await api.request('POST', '/v2/lbaas/listeners', {
      listener: { loadbalancer_id: id, protocol: 'TCP', protocol_port: 53 },
    });
    expect(status).toBe(409);
    expect(body['faultstring']).toBe(
      'Another Listener on this Load Balancer is already using protocol HTTP and protocol_port 53',
    );
  });

  test('in ERROR can still be updated', async () => {
    const { listener } = await buildTree();
    await api.db.updateTable('listener').set({ provisioning_status: 'ERROR' }).where('id', '=', listener).execute();
    const { status } = await api.request('PUT', `/v2/lbaas/listeners/${listener}`, { listener: { name: 'x' } });
    expect(status).toBe(200);
    await api.starter.settle();
  });

  test('of a protocol that the amphorae cannot serve yet is refused with 501', async () => {
    const id = await buildLoadBalancer(api);
    const { status, body } = await api.request('POST', '/v2/lbaas/listeners', {
      listener: { loadbalancer_id: id, protocol: 'UDP', protocol_port: 53 },
    });
    expect(status).toBe(501);
    expect(body['faultcode']).toBe('Server');
    expect(await statusOf('load_balancer', id)).toBe('ACTIVE');
  });

  test('does not take the pool of another load balancer', async () => {
    const { pool } = await buildTree();
    const id = await buildLoadBalancer(api);
    const { status, body } = await api.request('POST', '/v2/lbaas/listeners', {
      listener: { loadbalancer_id: id, protocol: 'HTTP', protocol_port: 80, default_pool_id: pool },
    });
    expect(status).toBe(404);
    expect(body['faultstring']).toBe(`Pool ${pool} not found.`);
  });

  test('names a CIDR that no VIP can meet', async () => {
    const id = await buildLoadBalancer(api);
    const { status, body } = await api.request('POST', '/v2/lbaas/listeners', {
      listener: { loadbalancer_id: id, protocol: 'HTTP', protocol_port: 80, allowed_cidrs: ['2001:db8::1/64'] },
    });
    expect(status).toBe(400);
    expect(body['faultstring']).toBe(
      "Validation failure: CIDR 2001:db8::/64 IP version incompatible with all VIPs ['198.51.100.1'] IP version.",
    );
  });
});

describe('a pool', () => {
  test('does not become the second default pool of a listener', async () => {
    const { listener } = await buildTree();
    const { status, body } = await api.request('POST', '/v2/lbaas/pools', {
      pool: { listener_id: listener, protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN' },
    });
    expect(status).toBe(409);
    expect(body['faultstring']).toBe('This listener already has a default pool');
  });

  test('cannot spread by source port', async () => {
    const id = await buildLoadBalancer(api);
    const { status } = await api.request('POST', '/v2/lbaas/pools', {
      pool: { loadbalancer_id: id, protocol: 'HTTP', lb_algorithm: 'SOURCE_IP_PORT' },
    });
    expect(status).toBe(501);
  });

  test('shows its monitor only while it has one', async () => {
    const { pool } = await buildTree();
    const show = async () => (await api.request('GET', `/v2/lbaas/pools/${pool}`)).body['pool'] as object;
    expect(await show()).not.toHaveProperty('healthmonitor_id');
    const monitor = await buildHealthMonitor(api, pool);
    expect(await show()).toMatchObject({ healthmonitor_id: monitor });
  });
});

describe('a health monitor', () => {
  test('is refused for a pool that has one', async () => {
    const { pool } = await buildTree();
    await buildHealthMonitor(api, pool);
    const { status, body } = await api.request('POST', '/v2/lbaas/healthmonitors', {
      healthmonitor: { pool_id: pool, type: 'TCP', delay: 1, timeout: 1, max_retries: 1 },
    });
    expect(status).toBe(409);
    expect(body['faultstring']).toBe('This pool already has a health monitor');
  });

  test('makes new members OFFLINE until they are heard of', async () => {
    const { pool } = await buildTree();
    await buildHealthMonitor(api, pool);
    const { body } = await api.request('POST', `/v2/lbaas/pools/${pool}/members`, {
      member: { address: '192.0.2.1', protocol_port: 80 },
    });
    expect(body['member']).toMatchObject({ operating_status: 'OFFLINE' });
    await api.starter.settle();
  });

  test.each([
    [{ delay: null }, 'None is not a valid option for delay'],
    [
      { domain_name: 'x.example' },
      "Validation failure: 'http_version' must be specified when 'domain_name' is provided.",
    ],
    [{ type: 'TCP' }, 'Unknown attribute for argument health_monitor_.healthmonitor: type'],
  ])('update %j is refused', async (change, faultstring) => {
    const { pool } = await buildTree();
    const id = await buildHealthMonitor(api, pool);
    const { status, body } = await api.request('PUT', `/v2/lbaas/healthmonitors/${id}`, { healthmonitor: change });
    expect(status).toBe(400);
    expect(body['faultstring']).toBe(faultstring);
  });
});

describe('a load balancer with children', () => {
  test('is deleted only with cascade', async () => {
    const { loadBalancer } = await buildTree();
    const path = `/v2/lbaas/loadbalancers/${loadBalancer}`;
    const { status, body } = await api.request('DELETE', path);
    expect(status).toBe(400);
    expect(body['faultstring']).toBe(
      `Validation failure: Cannot delete Load Balancer ${loadBalancer} - it has children`,
    );
    expect((await api.request('DELETE', `${path}?cascade=true`)).status).toBe(204);
    expect(lastOperation()).toMatchObject({ kind: 'deleteLoadBalancer', arguments: { cascade: true } });
    await api.starter.settle();
  });

  test('shows them in its status tree', async () => {
    const { loadBalancer, listener, pool } = await buildTree();
    const member = await buildMember(api, pool);
    const monitor = await buildHealthMonitor(api, pool);
    await buildPool(api, { loadbalancer_id: loadBalancer });
    const { body } = await api.request('GET', `/v2/lbaas/loadbalancers/${loadBalancer}/status`);
    expect(body).toMatchObject({
      statuses: {
        loadbalancer: {
          id: loadBalancer,
          listeners: [
            {
              id: listener,
              pools: [{ id: pool, health_monitor: { id: monitor, type: 'HTTP' }, members: [{ id: member }] }],
            },
          ],
        },
      },
    });
  });
});

describe('amphorae', () => {
  test('are listed by load balancer, shown and failed over', async () => {
    const loadBalancer = await buildLoadBalancer(api);
    const { body } = await api.request('GET', `/v2/octavia/amphorae?loadbalancer_id=${loadBalancer}`);
    const [amphora] = body['amphorae'] as { id: string }[];
    const path = `/v2/octavia/amphorae/${amphora?.id}`;
    expect((await api.request('GET', path)).body).toEqual({ amphora });
    expect((await api.request('GET', `${path}/stats`)).status).toBe(404);
    expect((await api.request('PUT', `${path}/failover`)).status).toBe(202);
    expect(lastOperation()).toMatchObject({ kind: 'failoverAmphora', resource_id: amphora?.id });
    expect((await api.request('PUT', `${path}/failover`)).status).toBe(409);
    await api.starter.settle();
  });

  test('of another project are not in a list of one project', async () => {
    await buildLoadBalancer(api);
    const { body } = await api.request('GET', '/v2/octavia/amphorae?project_id=nobody');
    expect(body['amphorae']).toEqual([]);
  });
});
