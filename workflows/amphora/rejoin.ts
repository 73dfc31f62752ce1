import type { Steps } from '../saga.ts';
import { reformPair } from './pair.ts';

/**
 * Tells all amphorae of a load balancer about each other after one was replaced: peers in HAProxy's configuration, VRRP on
 * both. An amphora that does not answer is skipped: its own failover comes next. Returns those that answer nothing but errors, whose
 * failover nobody would begin.
 */
export async function rejoin(step: Steps, loadBalancerId: string): Promise<readonly string[]> {
  const { topology, amphorae } = await step.database('read amphorae', (a) => a.describeLoadBalancer(loadBalancerId));
  const leftOut =
    (await step.amphoraFailover('push configuration', (a) => a.applyListenersToReachable(loadBalancerId))) ?? [];
  const told = amphorae.map(({ id }) => id).filter((id) => !leftOut.some((one) => one.id === id));
  const unpaired = topology === 'ACTIVE_STANDBY' ? await reformPair(step, told) : [];
  return [...leftOut.flatMap(({ id, state }) => (state === 'broken' ? [id] : [])), ...unpaired];
}
