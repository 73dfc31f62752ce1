/** Which objects of a graph are in service: enabled, and not on their way out. */
import type { Listener, LoadBalancerGraph, Member, Pool } from '../model/graph.ts';
import type { ProvisioningStatus } from '../model/status.ts';

interface Lifecycle {
  readonly provisioningStatus: ProvisioningStatus;
}

const byId = (a: { readonly id: string }, b: { readonly id: string }): number =>
  a.id < b.id ? -1 : Number(a.id > b.id);

function isStaying({ provisioningStatus }: Lifecycle): boolean {
  return provisioningStatus !== 'PENDING_DELETE' && provisioningStatus !== 'DELETED';
}

export function isLive(object: Lifecycle & { readonly adminStateUp: boolean }): boolean {
  return object.adminStateUp && isStaying(object);
}

/** None when the load balancer itself is disabled. */
export function liveListeners(graph: LoadBalancerGraph): readonly Listener[] {
  return graph.adminStateUp ? graph.listeners.filter(isLive).toSorted(byId) : [];
}

export function livePool(graph: LoadBalancerGraph, id: string | null): Pool | null {
  return graph.pools.find((pool) => pool.id === id && isLive(pool)) ?? null;
}

/** Disabled members stay: HAProxy keeps them in maintenance, so that their state is known. */
export function stayingMembers(pool: Pool): readonly Member[] {
  return pool.members.filter(isStaying).toSorted(byId);
}
