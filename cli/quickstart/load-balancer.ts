/** The load balancer of the quickstart, made resource by resource as a person would. */
import type { Api, LoadBalancer, Resource } from './api.ts';
import { memberPort, type Member } from './members.ts';

const name = 'quickstart';
const bootLimitMs = 120_000;
const editLimitMs = 30_000;

/** Makes what is not there yet and waits until all is ACTIVE. Running it again finds the same one. */
export async function buildLoadBalancer(
  api: Api,
  vipSubnetId: string,
  members: readonly Member[],
): Promise<LoadBalancer> {
  await removeBroken(api);
  const { id } = await api.ensure<LoadBalancer>('/v2/lbaas/loadbalancers', 'loadbalancer', {
    name,
    vip_subnet_id: vipSubnetId,
  });
  await api.awaitActive(id, bootLimitMs);
  const settled = async <T extends Resource>(making: Promise<T>): Promise<T> => {
    const made = await making;
    await api.awaitActive(id, editLimitMs);
    return made;
  };
  const listener = await settled(
    api.ensure('/v2/lbaas/listeners', 'listener', {
      name,
      protocol: 'HTTP',
      protocol_port: 80,
      loadbalancer_id: id,
    }),
  );
  const pool = await settled(
    api.ensure('/v2/lbaas/pools', 'pool', {
      name,
      protocol: 'HTTP',
      lb_algorithm: 'ROUND_ROBIN',
      listener_id: listener.id,
    }),
  );
  for (const member of members) {
    const body = { name: member.name, address: member.address, protocol_port: memberPort, subnet_id: vipSubnetId };
    await settled(api.ensure(`/v2/lbaas/pools/${pool.id}/members`, 'member', body));
  }
  const monitor = { name, type: 'HTTP', delay: 2, timeout: 1, max_retries: 2, pool_id: pool.id };
  await settled(api.ensure('/v2/lbaas/healthmonitors', 'healthmonitor', monitor));
  return api.awaitActive(id, editLimitMs);
}

/** One that an earlier run left in ERROR would never serve. */
async function removeBroken(api: Api): Promise<void> {
  const answer = await api.call<{ loadbalancers: LoadBalancer[] }>('GET', `/v2/lbaas/loadbalancers?name=${name}`);
  for (const { id, provisioning_status: status } of answer?.loadbalancers ?? []) {
    if (status !== 'ERROR') continue;
    await api.call('DELETE', `/v2/lbaas/loadbalancers/${id}?cascade=true`);
    await api.awaitGone(id, editLimitMs);
  }
}
