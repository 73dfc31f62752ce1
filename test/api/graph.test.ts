import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, subnetId, type TestApi } from './support/api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const post = (children: object) =>
  api.request('POST', '/v2/lbaas/loadbalancers', { loadbalancer: { vip_subnet_id: subnetId, ...children } });
const pool = (name: string, more: object = {}) => ({ name, protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN', ...more });
const listener = (port: number, more: object = {}) => ({ protocol: 'HTTP', protocol_port: port, ...more });

describe('a load balancer with its children', () => {
  test('is one operation, and its children are ACTIVE when it is', async () => {
    const before = api.starter.started.length;
    const { status, body } = await post({
      pools: [pool('one', { members: [{ address: '192.0.2.1', protocol_port: 80 }] })],
      listeners: [
        listener(80, { default_pool: { name: 'one' } }),
        listener(81, {
          default_pool: pool('two', { healthmonitor: { type: 'HTTP', delay: 1, timeout: 1, max_retries: 1 } }),
        }),
      ],
    });
    expect(status).toBe(201);
    expect(api.starter.started).toHaveLength(before + 1);
    expect(body['loadbalancer']).toMatchObject({
      listeners: [{ protocol_port: 80 }, { protocol_port: 81 }],
      pools: [
        { name: 'one', members: [{ address: '192.0.2.1' }], healthmonitor: null },
        { name: 'two', members: [], healthmonitor: { type: 'HTTP' } },
      ],
    });
    await api.starter.settle();
    const { body: pools } = await api.request('GET', '/v2/lbaas/pools');
    expect(pools['pools']).toMatchObject([{ provisioning_status: 'ACTIVE' }, { provisioning_status: 'ACTIVE' }]);
  });

  test.each([
    [{ pools: [pool('a'), pool('a')] }, 'Pool names must be unique when creating a fully populated loadbalancer.'],
    [
      { listeners: [listener(80, { default_pool: { protocol: 'HTTP' } })] },
      'Pools must be named when creating a fully populated loadbalancer.',
    ],
    [
      { listeners: [listener(80, { default_pool: { name: 'ghost' } })] },
      "Pool 'ghost' was referenced but no full definition was found.",
    ],
    [{ pools: [{ name: 'a', description: 'x' }] }, "Pool definition for 'a' missing required attribute: protocol"],
    [
      { listeners: [listener(80, { default_pool: pool('u', { protocol: 'UDP' }) })] },
      "The pool protocol 'UDP' is invalid while the listener protocol is 'HTTP'.",
    ],
  ])('%j is refused and leaves nothing', async (children, detail) => {
    const before = await api.db.selectFrom('load_balancer').select('id').execute();
    const { status, body } = await post(children);
    expect(status).toBe(400);
    expect(body['faultstring']).toBe(`Validation failure: ${detail}`);
    expect(await api.db.selectFrom('load_balancer').select('id').execute()).toHaveLength(before.length);
  });

  test('cannot have two listeners on one port', async () => {
    const { status } = await post({ listeners: [listener(80), listener(80)] });
    expect(status).toBe(409);
  });
});
