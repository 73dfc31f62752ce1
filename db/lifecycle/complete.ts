/** What a finished operation leaves in the rows (reference: Octavia's worker success transitions, database_tasks.py Mark*Active, Delete*InDB). */
import { sql } from 'kysely';
import type { OperationKind, StepRecord } from '../../model/operation.ts';
import type { Db, Tx } from '../database.ts';
import { utcNow } from '../operation.ts';
import type { OperationRow } from '../schema.ts';
import {
  childTables,
  closeOperation,
  isOpen,
  lockOperation,
  OvertakenOperation,
  settleSiblings,
  setLoadBalancerStatus,
  type EndedOperation,
} from './settle.ts';

/**
 * Ends an operation as succeeded: its objects become ACTIVE or disappear, and the load balancer's lock is released, in one
 * transaction. Members in ERROR that are `unplugged`, which no amphora can reach, stay so. Once more is a no-op that returns null. Throws OvertakenOperation when it has failed meanwhile (the sweeper gave it up) or a
 * newer one holds the load balancer.
 */
export function completeOperation(
  db: Db,
  operationId: string,
  steps: readonly StepRecord[],
  unplugged: readonly string[] = [],
): Promise<EndedOperation | null> {
  return db.transaction().execute(async (tx) => {
    const { operation, overtaken } = await lockOperation(tx, operationId);
    if (operation.state === 'succeeded') return null;
    if (!isOpen(operation)) throw new OvertakenOperation(`operation ${operationId} is ${operation.state} already`);
    if (overtaken) throw new OvertakenOperation(`operation ${operationId} was overtaken by a newer one`);
    await effects[operation.kind](tx, operation, unplugged);
    return closeOperation(tx, operation, { state: 'succeeded', reason: null, causes: [], steps });
  });
}

/** Whether an operation has ended well: what was done then stays done, whatever its flow is told afterwards. */
export async function hasSucceeded(db: Db, operationId: string): Promise<boolean> {
  const row = await db.selectFrom('operation').select('state').where('id', '=', operationId).executeTakeFirst();
  return row?.state === 'succeeded';
}

type Effect = (tx: Tx, operation: OperationRow, unplugged?: readonly string[]) => Promise<void>;

const everythingActive: Effect = async (tx, { load_balancer_id: id }, unplugged = []) => {
  for (const table of childTables) {
    await sql`update ${sql.table(table.name)} set provisioning_status = 'ACTIVE', updated_at = ${utcNow}
      where ${sql.raw(table.ofLoadBalancer)} = ${id} and provisioning_status <> 'ACTIVE'
        and not (provisioning_status = 'ERROR' and id = any(${[...unplugged]}::uuid[]))`.execute(tx);
  }
  await sql`update health_monitor set operating_status = 'ONLINE'
    where admin_state_up and pool_id in (select id from pool where load_balancer_id = ${id})`.execute(tx);
  await setLoadBalancerStatus(tx, id, 'ACTIVE');
};

const loadBalancerActive: Effect = (tx, { load_balancer_id: id }) => setLoadBalancerStatus(tx, id, 'ACTIVE');

const loadBalancerDeleted: Effect = async (tx, { load_balancer_id: id }) => {
  await tx.deleteFrom('listener').where('load_balancer_id', '=', id).execute();
  await tx.deleteFrom('pool').where('load_balancer_id', '=', id).execute();
  await tx.deleteFrom('vrrp_group').where('load_balancer_id', '=', id).execute();
  await setLoadBalancerStatus(tx, id, 'DELETED');
};

const childActive: Effect = async (tx, operation) => {
  await tx
    .updateTable(targetTable(operation))
    .set({ provisioning_status: 'ACTIVE', updated_at: utcNow })
    .where('id', '=', operation.resource_id)
    .execute();
  await settleSiblings(tx, operation.load_balancer_id);
};

const monitorActive: Effect = async (tx, operation) => {
  await sql`update health_monitor set operating_status = case when admin_state_up then 'ONLINE' else 'OFFLINE' end
    where id = ${operation.resource_id}`.execute(tx);
  await childActive(tx, operation);
};

const childDeleted: Effect = async (tx, operation) => {
  await tx.deleteFrom(targetTable(operation)).where('id', '=', operation.resource_id).execute();
  await settleSiblings(tx, operation.load_balancer_id);
};

const monitorDeleted: Effect = async (tx, operation) => {
  await sql`update member set operating_status = 'NO_MONITOR'
    where pool_id = (select pool_id from health_monitor where id = ${operation.resource_id})`.execute(tx);
  await childDeleted(tx, operation);
};

const membersSettled: Effect = async (tx, operation) => {
  await tx
    .deleteFrom('member')
    .where('pool_id', '=', operation.resource_id)
    .where('provisioning_status', '=', 'PENDING_DELETE')
    .execute();
  await tx
    .updateTable('member')
    .set({ provisioning_status: 'ACTIVE', updated_at: utcNow })
    .where('pool_id', '=', operation.resource_id)
    .where('provisioning_status', 'in', ['PENDING_CREATE', 'PENDING_UPDATE'])
    .execute();
  await settleSiblings(tx, operation.load_balancer_id);
};

const effects: Readonly<Record<OperationKind, Effect>> = {
  createLoadBalancer: everythingActive,
  updateLoadBalancer: loadBalancerActive,
  deleteLoadBalancer: loadBalancerDeleted,
  failoverLoadBalancer: everythingActive,
  failoverAmphora: everythingActive,
  createListener: childActive,
  updateListener: childActive,
  deleteListener: childDeleted,
  createPool: childActive,
  updatePool: childActive,
  deletePool: childDeleted,
  createMember: childActive,
  updateMember: childActive,
  deleteMember: childDeleted,
  batchUpdateMembers: membersSettled,
  createHealthMonitor: monitorActive,
  updateHealthMonitor: monitorActive,
  deleteHealthMonitor: monitorDeleted,
};

function targetTable({ kind, resource_type: type }: OperationRow): 'listener' | 'pool' | 'member' | 'health_monitor' {
  if (type === 'load_balancer' || type === 'amphora') throw new Error(`BUG: ${kind} has no child of type ${type}`);
  return type;
}
