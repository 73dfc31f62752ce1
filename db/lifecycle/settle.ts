/** What completing and failing an operation share. */
import { sql } from 'kysely';
import type { Cause, OperationKind, OperationState, StepRecord } from '../../model/operation.ts';
import type { ProvisioningStatus } from '../../model/status.ts';
import type { Tx } from '../database.ts';
import { utcNow } from '../operation.ts';
import type { OperationRow } from '../schema.ts';

/** The tables of a load balancer's children, with the expression that leads to the load balancer's id. */
export const childTables = [
  { name: 'listener', ofLoadBalancer: 'load_balancer_id' },
  { name: 'pool', ofLoadBalancer: 'load_balancer_id' },
  { name: 'member', ofLoadBalancer: '(select p.load_balancer_id from pool p where p.id = pool_id)' },
  { name: 'health_monitor', ofLoadBalancer: '(select p.load_balancer_id from pool p where p.id = pool_id)' },
] as const;

/** Thrown when a flow tries to write under a sequence number that a newer operation has overtaken. */
export class OvertakenOperation extends Error {
  override readonly name = 'OvertakenOperation';
}

/** Whether it has not ended yet. */
export const isOpen = ({ state }: OperationRow): boolean => state === 'accepted' || state === 'started';

export interface LockedOperation {
  readonly operation: OperationRow;
  /** Whether a newer operation holds the load balancer, so that this one may write nothing but its own end. */
  readonly overtaken: boolean;
}

/** Locks the load balancer and then its operation, in the order in which requests lock them. */
export async function lockOperation(tx: Tx, id: string): Promise<LockedOperation> {
  const found = await tx.selectFrom('operation').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const loadBalancer = await tx
    .selectFrom('load_balancer')
    .select('sequence')
    .where('id', '=', found.load_balancer_id)
    .forUpdate()
    .executeTakeFirst();
  const operation = await tx
    .selectFrom('operation')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return { operation, overtaken: loadBalancer !== undefined && loadBalancer.sequence !== operation.sequence };
}

/** How an operation ended and what its flow did. */
export interface Closing {
  readonly state: Extract<OperationState, 'succeeded' | 'failed'>;
  readonly reason: string | null;
  readonly causes: readonly Cause[];
  readonly steps: readonly StepRecord[];
}

/** An operation that has just ended: whoever closed it is given this, once. */
export interface EndedOperation extends Pick<Closing, 'state' | 'steps'> {
  readonly kind: OperationKind;
  /** Seconds from its request to its end: how long the load balancer was locked. */
  readonly pendingSec: number;
}

export async function closeOperation(tx: Tx, { id, kind }: OperationRow, closing: Closing): Promise<EndedOperation> {
  const { pendingSec } = await tx
    .updateTable('operation')
    .set((eb) => ({
      state: closing.state,
      reason: closing.reason,
      causes: JSON.stringify(closing.causes),
      steps: JSON.stringify(closing.steps),
      started_at: eb.fn.coalesce('started_at', utcNow),
      finished_at: utcNow,
    }))
    .where('id', '=', id)
    .returning(sql<number>`extract(epoch from finished_at - created_at)::float8`.as('pendingSec'))
    .executeTakeFirstOrThrow();
  return { kind, state: closing.state, steps: closing.steps, pendingSec };
}

export async function setLoadBalancerStatus(tx: Tx, id: string, status: ProvisioningStatus): Promise<void> {
  await tx
    .updateTable('load_balancer')
    .set({ provisioning_status: status, updated_at: utcNow })
    .where('id', '=', id)
    .execute();
}

/** Listeners and pools that were locked along with their child, and the load balancer, become ACTIVE again; those in ERROR stay so. */
export async function settleSiblings(tx: Tx, loadBalancerId: string): Promise<void> {
  for (const table of ['listener', 'pool'])
    await sql`update ${sql.table(table)} set provisioning_status = 'ACTIVE', updated_at = ${utcNow}
      where load_balancer_id = ${loadBalancerId} and provisioning_status = 'PENDING_UPDATE'`.execute(tx);
  await setLoadBalancerStatus(tx, loadBalancerId, 'ACTIVE');
}
