import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startApi, subnetId, type TestApi } from './support/api.ts';
import { buildLoadBalancer } from './support/build.ts';

const path = '/v2/lbaas/loadbalancers';
let api: TestApi;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());
beforeEach(() => {
  api.starter.vipOutcome = { outcome: 'allocated' };
});

const post = (attributes: object) =>
  api.request('POST', path, { loadbalancer: { vip_subnet_id: subnetId, ...attributes } });
const rows = () => api.db.selectFrom('load_balancer').select('id').execute();

describe('creating a load balancer', () => {
  test('answers the accepted row with its VIP and puts one operation into the outbox', async () => {
    const { status, body } = await post({ name: 'web' });
    expect(status).toBe(201);
    const view = body['loadbalancer'] as Record<string, unknown>;
    expect(view).toMatchObject({ name: 'web', provisioning_status: 'PENDING_CREATE', vip_address: '198.51.100.1' });
    const operations = await api.db
      .selectFrom('operation')
      .selectAll()
      .where('load_balancer_id', '=', String(view['id']))
      .execute();
    expect(operations).toMatchObject([{ kind: 'createLoadBalancer', sequence: 1, arguments: {} }]);
  });

  test('leaves no row and answers 409 when the address is taken', async () => {
    const before = await rows();
    api.starter.vipOutcome = { outcome: 'failed', type: 'VipInUse', message: 'it is used by a router' };
    const { status, body } = await post({});
    expect(status).toBe(409);
    expect(body['faultstring']).toBe('The VIP IP address is already in use: it is used by a router');
    expect(await rows()).toHaveLength(before.length);
  });

  test('withdraws the operation, leaves no row and answers 503 when no workflow takes it', async () => {
    const before = await rows();
    api.starter.vipOutcome = { outcome: 'unknown' };
    const { status } = await post({});
    expect(status).toBe(503);
    expect(await rows()).toHaveLength(before.length);
    const last = await api.db.selectFrom('operation').selectAll().orderBy('created_at', 'desc').executeTakeFirst();
    expect(last).toMatchObject({ kind: 'createLoadBalancer', state: 'withdrawn' });
  });

  test('names the subnet that there is not', async () => {
    const gone = crypto.randomUUID();
    api.network.missing.add(gone);
    const { status, body } = await api.request('POST', path, { loadbalancer: { vip_subnet_id: gone } });
    expect(status).toBe(400);
    expect(body['faultstring']).toBe(`Subnet ${gone} not found.`);
  });

  test('is neither listed nor shown before it has its VIP', async () => {
    const id = await buildLoadBalancer(api);
    await api.db.updateTable('load_balancer').set({ vip_ready: false }).where('id', '=', id).execute();
    expect((await api.request('GET', `${path}/${id}`)).status).toBe(404);
    const { body } = await api.request('GET', `${path}?id=${id}`);
    expect(body['loadbalancers']).toEqual([]);
  });
});

describe('changing a load balancer', () => {
  test('is refused while it is pending, and changes nothing', async () => {
    const id = await buildLoadBalancer(api, { name: 'before' });
    await api.request('PUT', `${path}/${id}`, { loadbalancer: {} });
    const { status, body } = await api.request('PUT', `${path}/${id}`, { loadbalancer: { name: 'after' } });
    expect(status).toBe(409);
    expect(body['faultstring']).toBe(`Invalid state PENDING_UPDATE of loadbalancer resource ${id}`);
    const shown = await api.request('GET', `${path}/${id}`);
    expect(shown.body['loadbalancer']).toMatchObject({ name: 'before' });
    await api.starter.settle();
  });

  test('can be deleted and failed over in ERROR, but not updated', async () => {
    const id = await buildLoadBalancer(api);
    await api.db.updateTable('load_balancer').set({ provisioning_status: 'ERROR' }).where('id', '=', id).execute();
    expect((await api.request('PUT', `${path}/${id}`, { loadbalancer: {} })).status).toBe(409);
    expect((await api.request('PUT', `${path}/${id}/failover`)).status).toBe(202);
    await api.starter.settle();
    expect((await api.request('DELETE', `${path}/${id}`)).status).toBe(204);
    await api.starter.settle();
    expect((await api.request('GET', `${path}/${id}`)).status).toBe(404);
  });

  test('refuses an unknown argument of a delete', async () => {
    const id = await buildLoadBalancer(api);
    const { status, body } = await api.request('DELETE', `${path}/${id}?foo=1`);
    expect(status).toBe(400);
    expect(body['faultstring']).toBe('Unknown argument: "foo"');
  });
});
