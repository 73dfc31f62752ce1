/** The lock of a change to what belongs to a pool: pool, its listeners and load balancer become PENDING_UPDATE. */
import type { Tx } from '../../../db/database.ts';
import { lockPool } from '../../../db/pool.ts';
import type { LoadBalancerRow, PoolRow } from '../../../db/schema.ts';
import { immutable } from '../../../model/errors.ts';
import { mutable } from '../../../model/status.ts';
import { lockForChild } from '../../http/change.ts';

/** Throws the 409 of the pool, which Octavia looks at first, or of the load balancer. */
export async function lockThroughPool(tx: Tx, pool: PoolRow): Promise<LoadBalancerRow> {
  if (!mutable.includes(pool.provisioning_status)) throw immutable('Pool', pool.id);
  const loadBalancer = await lockForChild(tx, pool.load_balancer_id);
  if (!(await lockPool(tx, pool.id))) throw immutable('Pool', pool.id);
  return loadBalancer;
}
