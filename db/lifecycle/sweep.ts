/** What the sweeper asks and mends. */
import type { Db } from '../database.ts';
import { isOlderThan, utcNow } from '../operation.ts';
import type { OperationRow } from '../schema.ts';
import { pending } from '../../model/status.ts';

/** Operations that were started more than `olderThanMs` ago and are not over. */
export function startedOperations(db: Db, olderThanMs: number): Promise<OperationRow[]> {
  return db
    .selectFrom('operation')
    .selectAll()
    .where('state', '=', 'started')
    .where(isOlderThan('started_at', olderThanMs))
    .orderBy('started_at')
    .execute();
}

/** Puts an operation whose workflow is not there back into the outbox. */
export async function reopenOperation(db: Db, id: string): Promise<void> {
  await db
    .updateTable('operation')
    .set({ state: 'accepted', started_at: null })
    .where('id', '=', id)
    .where('state', '=', 'started')
    .execute();
}

/** Load balancers that have been PENDING_* for `olderThanMs` although their last operation is over, or is not there. */
export async function ownerlessLoadBalancers(db: Db, olderThanMs: number): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('load_balancer')
    .leftJoin('operation', (join) =>
      join
        .onRef('operation.load_balancer_id', '=', 'load_balancer.id')
        .onRef('operation.sequence', '=', 'load_balancer.sequence'),
    )
    .select('load_balancer.id')
    .where('load_balancer.provisioning_status', 'in', pending)
    .where((eb) =>
      eb.or([
        eb('operation.id', 'is', null),
        eb.and([
          eb('operation.state', 'in', ['succeeded', 'failed', 'withdrawn']),
          isOlderThan('operation.finished_at', olderThanMs),
        ]),
      ]),
    )
    .execute();
  return rows.map(({ id }) => id);
}

/** Puts a load balancer that nobody owns in ERROR, from where it can be failed over or deleted. */
export async function releaseOwnerless(db: Db, id: string): Promise<void> {
  await db
    .updateTable('load_balancer')
    .set({ provisioning_status: 'ERROR', updated_at: utcNow })
    .where('id', '=', id)
    .where('provisioning_status', 'in', pending)
    .execute();
}
