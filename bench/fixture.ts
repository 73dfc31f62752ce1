/** What measurements create and remove through the API. */
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../cli/process/until.ts';
import { BenchClient, Refused } from './client.ts';

/** The no-op network driver knows every subnet. */
export const anySubnet = '5e0c2a4e-2f9b-4f8e-9d5b-0f3a2a5d7a09';

interface Listed {
  readonly id: string;
  readonly project_id: string;
}

/** Under noauth a list holds every project's; only our own may be touched. */
async function idsOf(client: BenchClient): Promise<string[]> {
  const path = `/v2/lbaas/loadbalancers?fields=id&fields=project_id&project_id=${client.projectId}`;
  const { loadbalancers } = (await client.request('GET', path)) as { loadbalancers: Listed[] };
  return loadbalancers.filter(({ project_id }) => project_id === client.projectId).map(({ id }) => id);
}

/** Deletes every load balancer of the client's project and waits until none is left. Throws after two minutes. */
export async function removeAll(client: BenchClient): Promise<void> {
  const removals = (await idsOf(client)).map((id) =>
    client.request('DELETE', `/v2/lbaas/loadbalancers/${id}?cascade=true`),
  );
  await Promise.all(removals);
  const deadline = performance.now() + 120_000;
  while ((await idsOf(client)).length > 0) {
    if (performance.now() > deadline) throw new Error('load balancers are left after two minutes');
    await sleep(100);
  }
}

/** Makes load balancers until the project has `count`, and waits until all are ACTIVE. */
export async function ensureLoadBalancers(client: BenchClient, count: number): Promise<readonly string[]> {
  const there = await idsOf(client);
  const missing = Array.from({ length: Math.max(0, count - there.length) }, (_, index) =>
    client.create('loadbalancers', 'loadbalancer', { name: `bench-${index}`, vip_subnet_id: anySubnet }),
  );
  const ids = [...there, ...(await Promise.all(missing))];
  for (const id of ids) await client.awaitActive(id);
  return ids;
}

const serveLimitMs = 60_000;

/** Creates and deletes one load balancer as soon as that can be done: the API serves a moment before the worker does. */
export async function warmUp(baseUrl: string, subnetId: string = anySubnet): Promise<void> {
  const client = new BenchClient(baseUrl, 'bench-warm-up');
  const create = (): Promise<string | undefined> =>
    client.create('loadbalancers', 'loadbalancer', { vip_subnet_id: subnetId }).catch((error: unknown) => {
      if (error instanceof Refused && error.status === 503) return undefined;
      throw error;
    });
  try {
    const id = await until(create, serveLimitMs, 250);
    if (id === undefined) throw new Error(`no load balancer can be created within ${serveLimitMs / 1000} s`);
    await client.awaitActive(id);
    await removeAll(client);
  } finally {
    await client.close();
  }
}
