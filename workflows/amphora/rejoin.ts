import type { Steps } from '../saga.ts';
import { reformPair } from './pair.ts';

/**
 * Tells all amphorae of a load balancer about each other after one was replaced: peers in HAProxy's configuration, VRRP on
 * both. An amphora that does not answer is skipped: its own failover comes next.
 */
export async function rejoin(step: Steps, loadBalancerId: string): Promise<void> {
  const { topology, amphorae } = await step.database('read amphorae', (a) => a.describeLoadBalancer(loadBalancerId));
  await step.amphoraFailover('push configuration', (a) => a.applyListenersToReachable(loadBalancerId));
  if (topology === 'ACTIVE_STANDBY')
    await reformPair(
      step,
      amphorae.map(({ id }) => id),
    );
}
