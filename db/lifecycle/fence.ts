/** Whether what a step does is still asked for: a worker that was away may come back after others went on. */
import { sql } from 'kysely';
import type { OperationState } from '../../model/operation.ts';
import type { Db, Tx } from '../database.ts';

/** Whether the operation of a workflow has not ended yet. */
async function operationIsOpen(db: Db, loadBalancerId: string, sequence: number): Promise<boolean> {
  const state = await stateOf(db, loadBalancerId, sequence);
  return state === 'accepted' || state === 'started';
}

/**
 * Whether the workflow of an operation may take steps. One whose operation was withdrawn before it began has two: the first, which
 * finds that out itself, and the undo of it, to which there is nothing, since there is no such load balancer.
 */
export async function mayTakeSteps(db: Db, loadBalancerId: string, sequence: number): Promise<boolean> {
  const state = await stateOf(db, loadBalancerId, sequence);
  return state === 'accepted' || state === 'started' || state === 'withdrawn';
}

async function stateOf(db: Db, loadBalancerId: string, sequence: number): Promise<OperationState | undefined> {
  const row = await db
    .selectFrom('operation')
    .select('state')
    .where('load_balancer_id', '=', loadBalancerId)
    .where('sequence', '=', sequence)
    .executeTakeFirst();
  return row?.state;
}

/**
 * Writes rows for an operation under the lock of its load balancer, and only while the operation is open: a step that comes back
 * after it writes nothing. False when it is over. Runs of an earlier build do not say their number; they are let through.
 */
export function whileOpen(
  db: Db,
  { loadBalancerId, sequence }: { readonly loadBalancerId: string; readonly sequence: number | undefined },
  write: (tx: Tx) => Promise<void>,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    await tx.selectFrom('load_balancer').select('id').where('id', '=', loadBalancerId).forUpdate().executeTakeFirst();
    if (sequence !== undefined && !(await operationIsOpen(tx, loadBalancerId, sequence))) return false;
    await write(tx);
    return true;
  });
}

/** Whether a newer operation has the load balancer, so that what an older one would take away may be in use again. */
export async function isOvertaken(db: Db, loadBalancerId: string, sequence: number): Promise<boolean> {
  const row = await db
    .selectFrom('load_balancer')
    .select('sequence')
    .where('id', '=', loadBalancerId)
    .where('provisioning_status', '<>', 'DELETED')
    .executeTakeFirst();
  return row !== undefined && row.sequence > sequence;
}

/** The same for the load balancer that an amphora serves. */
export async function amphoraIsOvertaken(db: Db, amphoraId: string, sequence: number): Promise<boolean> {
  const row = await db.selectFrom('amphora').select('load_balancer_id').where('id', '=', amphoraId).executeTakeFirst();
  return row?.load_balancer_id != null && isOvertaken(db, row.load_balancer_id, sequence);
}

/**
 * Whether a load balancer is taken down: it has no row, or it is deleted or being deleted and has no amphora any more. As long as it
 * has one, its deletion still has to release the VIP.
 */
export async function isTakenDown(db: Db, loadBalancerId: string): Promise<boolean> {
  const { rows } = await sql`select 1 from load_balancer where id = ${loadBalancerId} and (
    provisioning_status not in ('PENDING_DELETE', 'DELETED')
    or exists (select 1 from amphora where load_balancer_id = load_balancer.id and status <> 'DELETED'))`.execute(db);
  return rows.length === 0;
}
