/** What a failed operation leaves in the rows (Octavia: lifecycle_tasks.py, the *ToErrorOnRevert tasks). */
import { sql } from 'kysely';
import type { Failure, OperationKind } from '../../model/operation.ts';
import type { Db, Tx } from '../database.ts';
import { utcNow } from '../operation.ts';
import type { OperationRow } from '../schema.ts';
import {
  childTables,
  closeOperation,
  isOpen,
  lockOperation,
  settleSiblings,
  setLoadBalancerStatus,
  type EndedOperation,
} from './settle.ts';

/**
 * Ends an operation as failed, with its reason, in one transaction: an object that failed to change is in ERROR and the load
 * balancer usable again; a load balancer that failed itself is in ERROR. An operation that is over stays as it ended (null), and one that
 * a newer one has overtaken is closed and changes nothing else: the load balancer is another's by now.
 */
export function failOperation(db: Db, operationId: string, failure: Failure): Promise<EndedOperation | null> {
  return db.transaction().execute(async (tx) => {
    const { operation, overtaken } = await lockOperation(tx, operationId);
    if (!isOpen(operation)) return null;
    if (!overtaken) await failureEffects[operation.kind](tx, operation);
    return closeOperation(tx, operation, { state: 'failed', ...failure });
  });
}

type Effect = (tx: Tx, operation: OperationRow) => Promise<void>;

/** A load balancer that never had its VIP was never seen by anyone: no row stays. Otherwise it is in ERROR with all its children. */
const creationFailed: Effect = async (tx, { load_balancer_id: id }) => {
  const { numDeletedRows } = await tx
    .deleteFrom('load_balancer')
    .where('id', '=', id)
    .where('vip_ready', '=', false)
    .executeTakeFirst();
  if (numDeletedRows > 0n) return;
  for (const { name, ofLoadBalancer } of childTables)
    await sql`update ${sql.table(name)} set provisioning_status = 'ERROR', updated_at = ${utcNow}
      where ${sql.raw(ofLoadBalancer)} = ${id}`.execute(tx);
  await setLoadBalancerStatus(tx, id, 'ERROR');
};

/** An amphora that was to go and did not is in ERROR too (Octavia: AmphoraToErrorOnRevertTask). */
const loadBalancerFailed: Effect = async (tx, { load_balancer_id: id }) => {
  await tx
    .updateTable('amphora')
    .set({ status: 'ERROR', updated_at: utcNow })
    .where('load_balancer_id', '=', id)
    .where('status', '=', 'PENDING_DELETE')
    .execute();
  await setLoadBalancerStatus(tx, id, 'ERROR');
};

const amphoraFailed: Effect = async (tx, operation) => {
  await tx
    .updateTable('amphora')
    .set({ status: 'ERROR', updated_at: utcNow })
    .where('id', '=', operation.resource_id)
    .where('status', '!=', 'DELETED')
    .execute();
  await loadBalancerFailed(tx, operation);
};

const childFailed: Effect = async (tx, operation) => {
  await sql`update ${sql.table(operation.resource_type)} set provisioning_status = 'ERROR', updated_at = ${utcNow}
    where id = ${operation.resource_id}`.execute(tx);
  await settleSiblings(tx, operation.load_balancer_id);
};

const membersFailed: Effect = async (tx, operation) => {
  await sql`update member set provisioning_status = 'ERROR', updated_at = ${utcNow}
    where pool_id = ${operation.resource_id} and provisioning_status like 'PENDING_%'`.execute(tx);
  await settleSiblings(tx, operation.load_balancer_id);
};

/** What the failure of each kind writes. */
export const failureEffects: Readonly<Record<OperationKind, Effect>> = {
  createLoadBalancer: creationFailed,
  updateLoadBalancer: loadBalancerFailed,
  deleteLoadBalancer: loadBalancerFailed,
  failoverLoadBalancer: loadBalancerFailed,
  failoverAmphora: amphoraFailed,
  createListener: childFailed,
  updateListener: childFailed,
  deleteListener: childFailed,
  createPool: childFailed,
  updatePool: childFailed,
  deletePool: childFailed,
  createMember: childFailed,
  updateMember: childFailed,
  deleteMember: childFailed,
  batchUpdateMembers: membersFailed,
  createHealthMonitor: childFailed,
  updateHealthMonitor: childFailed,
  deleteHealthMonitor: childFailed,
};
