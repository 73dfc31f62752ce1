/** What a fully populated load balancer is made of (Octavia: api/v2/controllers/load_balancer.py, _graph_create). */
import { ApiError, validationFailure } from '../../../model/errors.ts';
import type { ListenerSingleCreate } from '../listener/schema.ts';
import type { PoolSingleCreate } from '../pool/schema.ts';
import type { PoolDefinition } from '../pool/values.ts';
import type { LoadBalancerPost } from './schema.ts';

export interface GraphPlan {
  readonly pools: readonly PoolDefinition[];
  /** `pool` is the name of the default pool. */
  readonly listeners: readonly { readonly listener: ListenerSingleCreate; readonly pool: string | null }[];
}

/** What every pool has, defined or only named; anything else makes it a definition. */
const ofEveryPool = new Set(['name', 'admin_state_up', 'tls_enabled']);

const isDefinition = (pool: PoolSingleCreate): boolean =>
  Object.entries(pool).some(([name, value]) => value !== undefined && !ofEveryPool.has(name));

/** Sorts out definitions and references. Throws the 400 of the first thing that does not fit together. */
export function planGraph(body: LoadBalancerPost): GraphPlan {
  const pools = [...(body.pools ?? [])];
  const referenced: string[] = [];
  const listeners = (body.listeners ?? []).map((listener) => {
    if (listener.l7policies?.length) throw new ApiError(501, 'L7 policies are not supported yet.');
    const pool = listener.default_pool;
    if (!pool) return { listener, pool: null };
    const name = nameOf(pool);
    if (isDefinition(pool)) pools.push(pool);
    else referenced.push(name);
    return { listener, pool: name };
  });
  checkNames(pools, referenced);
  return { pools: pools.map(definitionOf), listeners };
}

function nameOf({ name }: PoolSingleCreate): string {
  if (name) return name;
  throw validationFailure('Pools must be named when creating a fully populated loadbalancer.');
}

function checkNames(pools: readonly PoolSingleCreate[], referenced: readonly string[]): void {
  const names = new Set(pools.map((pool) => pool.name ?? ''));
  if (names.size !== pools.length) {
    throw validationFailure('Pool names must be unique when creating a fully populated loadbalancer.');
  }
  const missing = referenced.find((name) => !names.has(name));
  if (missing === undefined) return;
  throw validationFailure(`Pool '${missing}' was referenced but no full definition was found.`);
}

function definitionOf(pool: PoolSingleCreate): PoolDefinition {
  const { name, protocol, lb_algorithm } = pool;
  const missing = protocol ? 'lb_algorithm' : 'protocol';
  if (protocol && lb_algorithm) return { ...pool, protocol, lb_algorithm };
  throw validationFailure(`Pool definition for '${name ?? ''}' missing required attribute: ${missing}`);
}
