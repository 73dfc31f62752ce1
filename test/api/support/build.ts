import { subnetId, type TestApi } from './api.ts';

type Attributes = Readonly<Record<string, unknown>>;

async function create(api: TestApi, path: string, root: string, attributes: Attributes): Promise<string> {
  const { status, body } = await api.request('POST', path, { [root]: attributes });
  if (status !== 201) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
  return (body[root] as { id: string }).id;
}

/** Makes an ACTIVE load balancer and gives its id. */
export async function buildLoadBalancer(api: TestApi, attributes: Attributes = {}): Promise<string> {
  const id = await create(api, '/v2/lbaas/loadbalancers', 'loadbalancer', { vip_subnet_id: subnetId, ...attributes });
  await api.starter.settle();
  return id;
}

export async function buildListener(
  api: TestApi,
  loadbalancerId: string,
  attributes: Attributes = {},
): Promise<string> {
  const listener = { loadbalancer_id: loadbalancerId, protocol: 'HTTP', protocol_port: 80, ...attributes };
  const id = await create(api, '/v2/lbaas/listeners', 'listener', listener);
  await api.starter.settle();
  return id;
}

/** `parent` is `{ loadbalancer_id }` or `{ listener_id }`. */
export async function buildPool(api: TestApi, parent: Attributes, attributes: Attributes = {}): Promise<string> {
  const pool = { protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN', ...parent, ...attributes };
  const id = await create(api, '/v2/lbaas/pools', 'pool', pool);
  await api.starter.settle();
  return id;
}

export async function buildMember(api: TestApi, poolId: string, attributes: Attributes = {}): Promise<string> {
  const member = { address: '192.0.2.10', protocol_port: 80, ...attributes };
  const id = await create(api, `/v2/lbaas/pools/${poolId}/members`, 'member', member);
  await api.starter.settle();
  return id;
}

export async function buildHealthMonitor(api: TestApi, poolId: string, attributes: Attributes = {}): Promise<string> {
  const monitor = { pool_id: poolId, type: 'HTTP', delay: 5, timeout: 3, max_retries: 3, ...attributes };
  const id = await create(api, '/v2/lbaas/healthmonitors', 'healthmonitor', monitor);
  await api.starter.settle();
  return id;
}
