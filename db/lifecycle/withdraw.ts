import type { Db } from '../database.ts';
import { withdrawOperation } from '../operation.ts';
import type { OperationRow } from '../schema.ts';

/** Gives a load balancer up that no workflow has taken and nobody has seen. False when one has: it is then on its way. */
export function withdrawCreation(db: Db, operation: OperationRow): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const { load_balancer_id: id } = operation;
    // In the order in which everybody locks: the load balancer, then its operation.
    await tx.selectFrom('load_balancer').select('id').where('id', '=', id).forUpdate().execute();
    if (!(await withdrawOperation(tx, operation.id))) return false;
    await tx.deleteFrom('load_balancer').where('id', '=', id).where('vip_ready', '=', false).execute();
    return true;
  });
}

/**
 * Gives a load balancer up that a workflow has taken and that has no VIP yet: its row goes. The workflow writes its VIP into that
 * row, so one of the two comes first; if it is not the workflow, that finds no row and takes back what it made. False when the load
 * balancer has its VIP, or is gone already.
 */
export async function abandonCreation(db: Db, { load_balancer_id: id }: OperationRow): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('load_balancer')
    .where('id', '=', id)
    .where('vip_ready', '=', false)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
