import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failOperation } from '../../db/lifecycle/fail.ts';
import type { StepRecord } from '../../model/operation.ts';
import { startApi, subnetId, type TestApi } from './support/api.ts';
import { buildHealthMonitor, buildListener, buildLoadBalancer, buildMember, buildPool } from './support/build.ts';

const path = '/v2/lbaas/operations';
const settings = { paginationMaxLimit: 1000, temporalUiUrl: 'https://temporal.example/', temporalNamespace: 'lb' };
const [mine, others] = ['bdf06a0c86354e86b4ff1b33daa42b65', '123e0fa5a87d4727b6f6a65d0cf3c94d'];

type View = Readonly<Record<string, unknown>>;

let api: TestApi;
let web: string;
beforeAll(async () => {
  api = await startApi(settings, (headers) => ({
    projectId: String(headers['x-project-id']),
    userId: typeof headers['x-user-id'] === 'string' ? headers['x-user-id'] : null,
    isAdmin: headers['x-role'] !== 'member',
  }));
  web = await buildLoadBalancer(api, { name: 'web' });
});
afterAll(() => api.close());

async function get(url: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await api.server.inject({ url, headers: { 'x-project-id': mine, ...headers } });
  return { status: response.statusCode, body: response.json<Record<string, unknown>>() };
}

async function list(query = '', headers = {}): Promise<readonly View[]> {
  const { status, body } = await get(`${path}?${query}`, headers);
  expect(status).toBe(200);
  return body['operations'] as readonly View[];
}

async function newest(query: string, headers = {}): Promise<View> {
  const [first] = await list(`sort=created_at:desc&limit=1&${query}`, headers);
  if (first === undefined) throw new Error(`no operation for ${query}`);
  return first;
}

const member = { 'x-role': 'member' };
const step = (name: string, outcome: StepRecord['outcome'] = 'done'): StepRecord => ({
  name,
  undo: false,
  startedAt: '2026-11-21T10:00:08.197Z',
  ms: 12,
  outcome,
});

/** A load balancer whose update failed, as its flow leaves it. */
async function failedUpdate(): Promise<{ loadBalancerId: string; operationId: string }> {
  const loadBalancerId = await buildLoadBalancer(api, { name: 'broken' });
  await api.request('PUT', `/v2/lbaas/loadbalancers/${loadBalancerId}`, { loadbalancer: { description: 'new' } });
  const operationId = String((await newest(`loadbalancer_id=${loadBalancerId}`))['id']);
  await failOperation(api.db, operationId, {
    reason: 'push configuration failed: host-1 does not answer',
    causes: [
      { type: 'StepFailed', message: 'push configuration failed' },
      { type: 'AmphoraUnreachable', message: 'host-1 does not answer' },
    ],
    steps: [step('push configuration', 'failed')],
  });
  return { loadBalancerId, operationId };
}

describe('an operation', () => {
  test('says what was asked, by whom, when, and how it ended', async () => {
    const response = await api.server.inject({
      method: 'PUT',
      url: `/v2/lbaas/loadbalancers/${web}`,
      headers: { 'x-project-id': mine, 'x-user-id': 'alice', 'content-type': 'application/json' },
      payload: JSON.stringify({ loadbalancer: { description: 'new' } }),
    });
    await api.starter.settle();
    const { id } = await newest(`loadbalancer_id=${web}`);
    const { status, body } = await get(`${path}/${String(id)}`);
    expect(status).toBe(200);
    const moment: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}$/);
    expect(body).toEqual({
      operation: {
        id,
        kind: 'updateLoadBalancer',
        loadbalancer_id: web,
        loadbalancer_name: 'web',
        resource_type: 'load_balancer',
        resource_id: web,
        resource_name: 'web',
        project_id: mine,
        user_id: 'alice',
        request_id: response.headers['x-openstack-request-id'],
        arguments: {},
        asked: { description: 'new' },
        state: 'succeeded',
        reason: null,
        causes: [],
        steps: [],
        created_at: moment,
        started_at: null,
        finished_at: moment,
        links: [
          { rel: 'workflow', href: `https://temporal.example/namespaces/lb/workflows/lb%2F${web}%2F2` },
          { rel: 'self', href: `http://localhost:80${path}/${String(id)}` },
        ],
      },
    });
  });

  test('keeps what a request said, as it was understood, and no list carries it', async () => {
    const loadBalancer = await buildLoadBalancer(api, { name: 'asked' });
    const pool = await buildPool(api, { loadbalancer_id: loadBalancer }, { name: 'servers \ud800' });
    await buildMember(api, pool, { address: '192.0.2.7', weight: 3 });
    await api.starter.settle();
    await api.request('DELETE', `/v2/lbaas/pools/${pool}`);
    await api.starter.settle();
    const operations = await list(`loadbalancer_id=${loadBalancer}`);
    const shown = await Promise.all(operations.map(({ id }) => get(`${path}/${String(id)}`)));
    const asked = shown.map(({ body }) => (body['operation'] as View)['asked']);
    expect(asked).toEqual([
      expect.objectContaining({ name: 'asked', vip_subnet_id: subnetId }),
      expect.objectContaining({ name: 'servers \ufffd', loadbalancer_id: loadBalancer }),
      expect.objectContaining({ address: '192.0.2.7', weight: 3 }),
      null,
    ]);
    expect(operations.filter((one) => 'asked' in one)).toEqual([]);
  });

  test('that failed says why, with the whole chain and each step', async () => {
    const { operationId } = await failedUpdate();
    const { body } = await get(`${path}/${operationId}`);
    expect(body['operation']).toMatchObject({
      state: 'failed',
      reason: 'push configuration failed: host-1 does not answer',
      causes: [{ type: 'StepFailed' }, { type: 'AmphoraUnreachable', message: 'host-1 does not answer' }],
      steps: [
        {
          name: 'push configuration',
          undo: false,
          started_at: '2026-11-21T10:00:08.197',
          ms: 12,
          outcome: 'failed',
        },
      ],
    });
  });

  test('is kept for everything that a request changes, with its name', async () => {
    const loadBalancer = await buildLoadBalancer(api, { name: 'many' });
    const listener = await buildListener(api, loadBalancer, { name: 'http' });
    const pool = await buildPool(api, { listener_id: listener }, { name: 'servers' });
    const server = await buildMember(api, pool, { name: 'server-1' });
    const monitor = await buildHealthMonitor(api, pool, { name: 'ping' });
    await api.request('PUT', `/v2/lbaas/pools/${pool}/members?additive_only=True`, {
      members: [{ address: '192.0.2.11', protocol_port: 80 }],
    });
    await api.starter.settle();
    await api.request('DELETE', `/v2/lbaas/loadbalancers/${loadBalancer}?cascade=true`);
    await api.starter.settle();
    const operations = await list(`loadbalancer_id=${loadBalancer}`);
    expect(
      operations.map((one) => [one['kind'], one['resource_type'], one['resource_id'], one['resource_name']]),
    ).toEqual([
      ['createLoadBalancer', 'load_balancer', loadBalancer, 'many'],
      ['createListener', 'listener', listener, 'http'],
      ['createPool', 'pool', pool, 'servers'],
      ['createMember', 'member', server, 'server-1'],
      ['createHealthMonitor', 'health_monitor', monitor, 'ping'],
      ['batchUpdateMembers', 'pool', pool, 'servers'],
      ['deleteLoadBalancer', 'load_balancer', loadBalancer, 'many'],
    ]);
    expect(new Set(operations.map((one) => one['loadbalancer_name']))).toEqual(new Set(['many']));
    expect(operations.at(-1)?.['arguments']).toEqual({ cascade: true });
  });

  test('outlives a load balancer that never came to be', async () => {
    api.starter.vipOutcome = { outcome: 'failed', type: 'VipInUse', message: 'taken' };
    await api.request('POST', '/v2/lbaas/loadbalancers', {
      loadbalancer: { vip_subnet_id: subnetId, name: 'never' },
    });
    api.starter.vipOutcome = { outcome: 'allocated' };
    expect(await list('resource_name=never')).toMatchObject([{ kind: 'createLoadBalancer', state: 'failed' }]);
  });

  test('that is under way shows what its flow has done and is doing', async () => {
    await api.request('PUT', `/v2/lbaas/loadbalancers/${web}`, { loadbalancer: { description: 'newer' } });
    const { id } = await newest(`loadbalancer_id=${web}`);
    const startedAt = new Date(Date.now() - 5_000).toISOString();
    api.starter.steps.set(String(id), [
      step('read load balancer'),
      { name: 'boot amphora', undo: false, startedAt, outcome: 'running' },
    ]);
    const show = async (headers = {}) => (await get(`${path}/${String(id)}`, headers)).body['operation'] as View;
    const { state, steps } = await show();
    expect(state).toBe('accepted');
    expect(steps).toMatchObject([{ outcome: 'done' }, { name: 'boot amphora', outcome: 'running' }]);
    const ms = (steps as { ms: number }[])[1]?.ms;
    expect(ms).toBeGreaterThanOrEqual(5_000);
    expect(ms).toBeLessThan(60_000);
    expect(await show(member)).not.toHaveProperty('steps');
    await api.starter.settle();
    expect((await show())['steps']).toEqual([]);
  });

  test.each([crypto.randomUUID(), 'nothing'])('that there is not is a 404: %s', async (id) => {
    const { status, body } = await get(`${path}/${id}`);
    expect(status).toBe(404);
    expect(body).toMatchObject({ faultstring: `Operation ${id} not found.` });
  });

  test('shows only the fields that are asked for', async () => {
    const { id } = await newest(`loadbalancer_id=${web}`);
    const { body } = await get(`${path}/${String(id)}?fields=kind&fields=state`);
    expect(body).toEqual({ operation: { kind: 'updateLoadBalancer', state: 'succeeded' } });
  });
});

describe('the list of operations', () => {
  interface Paged {
    readonly ids: readonly unknown[];
    readonly links: Readonly<Record<string, string>>;
  }

  /** The page behind a path or a link. */
  async function page(url: string): Promise<Paged> {
    const { body } = await get(url.replace('http://localhost:80', ''));
    const links = (body['operations_links'] as { rel: string; href: string }[]).map(({ rel, href }) => [rel, href]);
    return { ids: (body['operations'] as View[]).map((one) => one['id']), links: Object.fromEntries(links) };
  }

  async function withListeners(): Promise<string> {
    const loadBalancer = await buildLoadBalancer(api, { name: 'paged' });
    for (const protocol_port of [80, 81, 82]) await buildListener(api, loadBalancer, { protocol_port });
    return loadBalancer;
  }

  test('comes oldest first and is walked by its links, there and back', async () => {
    const ofOne = `loadbalancer_id=${await withListeners()}`;
    const all = (await list(ofOne)).map((one) => one['id']);
    expect(all).toHaveLength(4);
    const first = await page(`${path}?${ofOne}&limit=2`);
    expect(first.ids).toEqual(all.slice(0, 2));
    const next = `http://localhost:80${path}?limit=2&${ofOne}&marker=${String(all[1])}`;
    expect(first.links).toEqual({ next });
    const second = await page(next);
    expect(second.ids).toEqual(all.slice(2));
    expect((await page(second.links['previous'] ?? '')).ids).toEqual(all.slice(0, 2));
    expect((await page(second.links['next'] ?? '')).ids).toEqual([]);
  });

  test('keeps its order and its fields from link to link', async () => {
    const query = `loadbalancer_id=${await withListeners()}&sort=kind:asc,created_at:desc&fields=id&fields=kind`;
    const all = (await list(query)).map((one) => one['id']);
    const first = await page(`${path}?${query}&limit=3`);
    const second = await page(first.links['next'] ?? '');
    expect([...first.ids, ...second.ids]).toEqual(all);
    expect(second.links['previous']).toContain('&fields=id&fields=kind&');
  });

  test('is filtered by what it can be filtered by', async () => {
    const { loadBalancerId, operationId } = await failedUpdate();
    const failed = await newest(`id=${operationId}`);
    const ids = async (query: string) => (await list(query)).map((one) => one['id']);
    for (const name of ['loadbalancer_id', 'resource_id', 'request_id'])
      expect(await ids(`${name}=${String(failed[name])}`)).toContain(operationId);
    expect(await ids(`loadbalancer_id=${loadBalancerId}&state=failed`)).toEqual([operationId]);
    expect(await ids(`loadbalancer_id=${loadBalancerId}&kind=updateLoadBalancer`)).toEqual([operationId]);
    expect(await ids(`loadbalancer_id=${loadBalancerId}&resource_type=listener`)).toEqual([]);
    expect(await ids(`loadbalancer_id=${loadBalancerId}&project_id=${others}`)).toEqual([]);
    expect(await ids('loadbalancer_id=nothing')).toEqual([]);
  });

  test('is sorted and shortened as other lists are', async () => {
    const { body } = await get(`${path}?loadbalancer_id=${web}&sort=kind:desc,created_at&fields=kind`);
    const kinds = (body['operations'] as View[]).map((one) => String(one['kind']));
    expect(body['operations']).toEqual(kinds.map((kind) => ({ kind })));
    expect(kinds).toEqual(kinds.toSorted((one, other) => other.localeCompare(one)));
    expect(kinds.length).toBeGreaterThan(1);
  });

  test.each(['reason=x', 'tags=a', 'unknown=1', 'state=failed&state=accepted', 'sort=reason', 'marker=nothing'])(
    'refuses %s',
    async (query) => {
      expect((await get(`${path}?${query}`)).status).toBe(400);
    },
  );
});

describe('of another project', () => {
  const stranger = { 'x-project-id': others, 'x-role': 'member' };

  test('operations are neither listed nor shown', async () => {
    const { id } = await newest(`loadbalancer_id=${web}`);
    expect(await list(`loadbalancer_id=${web}`, stranger)).toEqual([]);
    expect((await get(`${path}?project_id=${mine}`, stranger)).status).toBe(403);
    const { status, body } = await get(`${path}/${String(id)}`, stranger);
    expect(status).toBe(403);
    expect(body).toMatchObject({ faultstring: 'Policy does not allow this request to be performed.' });
  });

  test('an admin sees them all', async () => {
    const admin = { 'x-project-id': others };
    expect(await list(`loadbalancer_id=${web}`, admin)).not.toEqual([]);
  });
});

describe('the owner', () => {
  const hidden = ['reason', 'causes', 'steps'];

  test('sees what was asked and how it ended, not the infrastructure', async () => {
    const { operationId } = await failedUpdate();
    const operation = (await get(`${path}/${operationId}`, member)).body['operation'] as View;
    expect(operation).toMatchObject({ kind: 'updateLoadBalancer', state: 'failed', resource_name: 'broken' });
    for (const name of hidden) expect(operation).not.toHaveProperty(name);
    expect(operation['links']).toEqual([{ rel: 'self', href: `http://localhost:80${path}/${operationId}` }]);
    expect(JSON.stringify(operation)).not.toContain('host-1');
  });

  test('gets no list that was rendered for an admin, nor the other way round', async () => {
    const { loadBalancerId } = await failedUpdate();
    const query = `project_id=${mine}&loadbalancer_id=${loadBalancerId}&state=failed`;
    for (const [headers, sees] of [
      [{}, true],
      [member, false],
      [{}, true],
      [member, false],
    ] as const) {
      const [failed] = await list(query, headers);
      for (const name of hidden) expect(failed !== undefined && name in failed).toBe(sees);
    }
  });

  test('sees its own alone without asking for a project', async () => {
    await api.server.inject({
      method: 'POST',
      url: '/v2/lbaas/loadbalancers',
      headers: { 'x-project-id': others, 'content-type': 'application/json' },
      payload: JSON.stringify({ loadbalancer: { vip_subnet_id: subnetId } }),
    });
    expect(await list(`project_id=${others}`)).toHaveLength(1);
    const projects = new Set((await list('', member)).map((one) => one['project_id']));
    expect(projects).toEqual(new Set([mine]));
  });
});
