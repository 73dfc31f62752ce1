import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, subnetId, type TestApi } from './support/api.ts';
import { buildLoadBalancer, buildMember, buildPool } from './support/build.ts';

let api: TestApi;
let loadBalancer: string;
let pool: string;
beforeAll(async () => {
  api = await startApi();
  loadBalancer = await buildLoadBalancer(api);
  pool = await buildPool(api, { loadbalancer_id: loadBalancer });
  await buildMember(api, pool);
});
afterAll(() => api.close());

const statusOf = async (id: string): Promise<unknown> => {
  const { body } = await api.request('GET', `/v2/lbaas/loadbalancers/${id}`);
  return (body['loadbalancer'] as { provisioning_status: string }).provisioning_status;
};

describe('a query that PostgreSQL could not take', () => {
  const lists = ['/v2/lbaas/loadbalancers', '/v2/lbaas/listeners', '/v2/lbaas/pools', '/v2/lbaas/healthmonitors'];
  const filters = ['name', 'project_id', 'operating_status', 'tags', 'not-tags-any', 'created_at', 'id', 'marker'];
  const cases = lists.flatMap((path) => filters.map((filter) => [filter, path] as const));

  test.each(cases)('with a NUL in %s is a 400 of %s', async (filter, path) => {
    expect((await api.request('GET', `${path}?${filter}=a%00b`)).status).toBe(400);
  });

  test('for the tags of amphorae, which have none, is a 400', async () => {
    expect((await api.request('GET', '/v2/octavia/amphorae?tags=a')).status).toBe(400);
    expect((await api.request('GET', '/v2/octavia/amphorae?compute_id=%00')).status).toBe(400);
  });
});

test('a project ID too long for the search attributes of a workflow is a 400 and leaves no row', async () => {
  const project = 'x'.repeat(3_000);
  const response = await api.server.inject({
    method: 'POST',
    url: '/v2/lbaas/loadbalancers',
    headers: { 'x-project-id': project, 'content-type': 'application/json' },
    payload: JSON.stringify({ loadbalancer: { vip_subnet_id: subnetId } }),
  });
  expect(response.statusCode).toBe(400);
  const rows = await api.db.selectFrom('load_balancer').selectAll().where('project_id', '=', project).execute();
  expect(rows).toEqual([]);
});

describe('text that means something elsewhere', () => {
  const texts = [
    "'; drop table load_balancer; --",
    'a\r\n    server evil 192.0.2.66:80',
    '"',
    '\\',
    '${HOME}',
    '\u202e😀',
  ];

  test.each(texts)('is kept as it is in a name: %j', async (name) => {
    const answer = await api.request('PUT', `/v2/lbaas/loadbalancers/${loadBalancer}`, { loadbalancer: { name } });
    expect(answer.status).toBe(200);
    await api.starter.settle();
    const { body } = await api.request('GET', `/v2/lbaas/loadbalancers/${loadBalancer}`);
    expect(body['loadbalancer']).toMatchObject({ name, provisioning_status: 'ACTIVE' });
  });

  test.each(['name', 'description'])('is refused in %s when it holds a NUL, and nothing changes', async (field) => {
    const change = { loadbalancer: { [field]: 'a\0b' } };
    expect((await api.request('PUT', `/v2/lbaas/loadbalancers/${loadBalancer}`, change)).status).toBe(400);
    expect(await statusOf(loadBalancer)).toBe('ACTIVE');
  });
});

describe('a body nested past all reason', () => {
  const nested = (open: string, inner: string, close: string): string =>
    `{"loadbalancer":{"name":${open.repeat(15_000)}${inner}${close.repeat(15_000)}}}`;

  test.each([
    ['lists', nested('[', '', ']')],
    ['objects', nested('{"a":', '1', '}')],
  ])('is a 400: %s', async (_kind, payload) => {
    const headers = { 'x-project-id': 'p', 'content-type': 'application/json' };
    const response = await api.server.inject({ method: 'POST', url: '/v2/lbaas/loadbalancers', headers, payload });
    expect(response.statusCode).toBe(400);
  });
});

test('of many changes to one load balancer at once one wins and the others are 409', async () => {
  const requests = Array.from({ length: 12 }, (_, index) =>
    index % 2 === 0
      ? api.request('PUT', `/v2/lbaas/loadbalancers/${loadBalancer}`, { loadbalancer: { name: `n${index}` } })
      : api.request('PUT', `/v2/lbaas/pools/${pool}`, { pool: { name: `p${index}` } }),
  );
  const statuses = (await Promise.all(requests)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect(statuses.filter((status) => status === 409)).toHaveLength(11);
  await api.starter.settle();
  expect(await statusOf(loadBalancer)).toBe('ACTIVE');
});

test('of many deletes of one load balancer at once one wins, and there is nothing left to delete', async () => {
  const id = await buildLoadBalancer(api);
  const remove = () => api.request('DELETE', `/v2/lbaas/loadbalancers/${id}`);
  const statuses = (await Promise.all(Array.from({ length: 8 }, remove))).map(({ status }) => status);
  expect(statuses.toSorted((a, b) => a - b)).toEqual([204, ...Array.from({ length: 7 }, () => 409)]);
  await api.starter.settle();
  expect((await remove()).status).toBe(404);
});
