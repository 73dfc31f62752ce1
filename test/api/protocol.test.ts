import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, subnetId, type TestApi } from './support/api.ts';
import { buildLoadBalancer } from './support/build.ts';

let api: TestApi;
let id: string;

beforeAll(async () => {
  api = await startApi({ maxRequestBody: 2_000 });
  id = await buildLoadBalancer(api, { name: 'web' });
});
afterAll(() => api.close());

describe('every spelling of a path leads to the same resource', () => {
  const spellings = [
    '/v2/lbaas/loadbalancers',
    '/v2.0/lbaas/loadbalancers',
    '/v2/loadbalancers',
    '/v2.0/loadbalancers',
    '/load-balancer/v2/lbaas/loadbalancers',
    '/load-balancer/v2.0/loadbalancers',
  ];
  test.each(spellings.flatMap((path) => [path, `${path}.json`, `${path}/`]))('%s', async (path) => {
    const { status, body } = await api.request('GET', path);
    expect(status).toBe(200);
    expect(body['loadbalancers']).toMatchObject([{ id }]);
  });
});

describe('an error outside of a resource is told as code, title and description', () => {
  test('404 for an unknown path', async () => {
    const { status, body } = await api.request('GET', '/v2/lbaas/nothing');
    expect(status).toBe(404);
    expect(body).toEqual({ code: 404, title: 'Not Found', description: null });
  });

  test('405 for a method that a path does not have', async () => {
    const { status, body } = await api.request('DELETE', '/v2/lbaas/loadbalancers');
    expect(status).toBe(405);
    expect(body).toMatchObject({ code: 405, title: 'Method Not Allowed' });
  });

  test('406 for a client that takes no JSON', async () => {
    const response = await api.server.inject({ url: '/v2/lbaas/loadbalancers', headers: { accept: 'text/html' } });
    expect(response.statusCode).toBe(406);
    expect(response.json()).toMatchObject({ title: 'Not Acceptable' });
  });

  test('413 for a body over the limit', async () => {
    const { status, body } = await api.request('POST', '/v2/lbaas/loadbalancers', { x: 'x'.repeat(3_000) });
    expect(status).toBe(413);
    expect(body).toMatchObject({ code: 413 });
  });

  test('400 for a path that is not well formed', async () => {
    const { status } = await api.request('GET', '/v2/lbaas/loadbalancers/%zz');
    expect(status).toBe(400);
  });
});

describe('the media type of an answer', () => {
  test.each(['/', '/nothing', '/v2/lbaas/loadbalancers', '/v2/lbaas/loadbalancers/nothing'])('of %s', async (path) => {
    const { response } = await api.request('GET', path);
    expect(response.headers['content-type']).toBe('application/json');
  });

  test('is not there without a body', async () => {
    const { response } = await api.request('PUT', `/v2/lbaas/loadbalancers/${id}/failover`);
    expect(response.statusCode).toBe(202);
    expect(response.body).toBe('');
    expect(response.headers).not.toHaveProperty('content-type');
    await api.starter.settle();
  });
});

describe('a request id', () => {
  test('stands on every answer, errors included', async () => {
    for (const path of ['/', '/nothing', '/v2/lbaas/loadbalancers/nothing']) {
      const { response } = await api.request('GET', path);
      expect(response.headers['x-openstack-request-id']).toMatch(/^req-[0-9a-f-]{36}$/);
    }
  });

  test('is kept on the operation that the request opens', async () => {
    const { response, status } = await api.request('PUT', `/v2/lbaas/loadbalancers/${id}`, { loadbalancer: {} });
    expect(status).toBe(200);
    await api.starter.settle();
    const operation = await api.db
      .selectFrom('operation')
      .selectAll()
      .where('request_id', '=', String(response.headers['x-openstack-request-id']))
      .executeTakeFirst();
    expect(operation).toMatchObject({ kind: 'updateLoadBalancer', load_balancer_id: id });
  });
});

describe('bad bodies change nothing and are told as WSME tells them', () => {
  const cases: readonly [string, string | undefined, string][] = [
    ['{nope', 'application/json', 'Request is not in valid JSON format'],
    ['', 'application/json', 'Missing argument: "load_balancer"'],
    ['{}', 'application/json', 'Missing argument: "load_balancer.loadbalancer"'],
    ['{"loadbalancer":null}', 'application/json', 'Missing argument: "load_balancer.loadbalancer"'],
    ['{"nope":{}}', 'application/json', 'Unknown attribute for argument load_balancer: nope'],
    ['{"loadbalancer":{}}', 'text/plain', 'Unknown mimetype: text/plain'],
  ];
  test.each(cases)('%s as %s', async (payload, type, faultstring) => {
    const response = await api.server.inject({
      method: 'POST',
      url: '/v2/lbaas/loadbalancers',
      headers: { 'content-type': type, 'x-project-id': 'p' },
      payload,
    });
    expect(response.statusCode).toBe(type === 'text/plain' ? 415 : 400);
    expect(response.json()).toEqual({ faultcode: 'Client', faultstring, debuginfo: null });
  });

  test('a value that is nested deeper than a stack is refused like any other', async () => {
    const deep = `${'['.repeat(800)}${']'.repeat(800)}`;
    const response = await api.server.inject({
      method: 'POST',
      url: '/v2/lbaas/loadbalancers',
      headers: { 'content-type': 'application/json', 'x-project-id': 'p' },
      payload: `{"loadbalancer":{"name":${deep}}}`,
    });
    expect(response.statusCode).toBe(400);
  });

  test('a load balancer without any project is refused', async () => {
    const response = await api.server.inject({
      method: 'POST',
      url: '/v2/lbaas/loadbalancers',
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify({ loadbalancer: { vip_subnet_id: subnetId } }),
    });
    expect(response.statusCode).toBe(400);
    expect(response.json<{ faultstring: string }>().faultstring).toContain('Missing project ID');
  });
});

describe('health', () => {
  test('is OK while the database answers', async () => {
    expect((await api.server.inject('/healthcheck')).body).toBe('OK');
    const json = await api.server.inject({ url: '/healthcheck', headers: { accept: 'application/json' } });
    expect(json.json()).toEqual({ detailed: false, reasons: [] });
  });
});
