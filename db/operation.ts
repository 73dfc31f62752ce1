/** Operations: the outbox that workflows are started from, and the lock that goes with them. */
import { sql, type SqlBool } from 'kysely';
import type { OperationKind, ResourceType } from '../model/operation.ts';
import type { ProvisioningStatus } from '../model/status.ts';
import type { Db, Tx } from './database.ts';
import type { LoadBalancerRow, OperationRow } from './schema.ts';

/** The current time in UTC, as the tables keep it. */
export const utcNow = sql<string>`(clock_timestamp() at time zone 'utc')`;

/**
 * Whether a time lies more than `ms` away. A time that lies ahead is one of before the database's clock was set back: to wait
 * until it is past could take as long as the clock was wrong.
 */
export const isOlderThan = (column: string, ms: number) =>
  sql<SqlBool>`abs(extract(epoch from ${utcNow} - ${sql.ref(column)})) * 1000 > ${ms}`;

export interface OperationRequest {
  readonly kind: OperationKind;
  readonly loadBalancerId: string;
  readonly resourceType: ResourceType;
  readonly resourceId: string;
  /** What it is called now; empty for what has no name. */
  readonly resourceName: string;
  readonly projectId: string;
  /** Who asks; null where nobody does, as for a failover that we decide on ourselves. */
  readonly userId: string | null;
  readonly requestId: string | null;
  /** Ids and flags that the flow needs besides; never rows, never secrets. */
  readonly arguments?: Readonly<Record<string, unknown>>;
  /** The request's body, for the record; the flow reads rows. */
  readonly asked?: unknown;
}

export type Lock = { readonly row: LoadBalancerRow } | { readonly refused: ProvisioningStatus | 'NOT_FOUND' };

/**
 * Locks a load balancer until the transaction ends, tests its status and sets the next one
 * (Octavia: repositories.py test_and_set_provisioning_status). `row` shows it as it was before.
 */
export async function lockLoadBalancer(
  tx: Tx,
  id: string,
  from: readonly ProvisioningStatus[],
  to: ProvisioningStatus,
): Promise<Lock> {
  const row = await tx.selectFrom('load_balancer').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  if (row === undefined || row.provisioning_status === 'DELETED') return { refused: 'NOT_FOUND' };
  if (!from.includes(row.provisioning_status)) return { refused: row.provisioning_status };
  await tx.updateTable('load_balancer').set({ provisioning_status: to }).where('id', '=', id).execute();
  return { row };
}

/** PostgreSQL's jsonb takes no half of a surrogate pair; it becomes U+FFFD, as it does in a text column. */
const wellFormed = (_: string, value: unknown): unknown =>
  typeof value === 'string' ? Buffer.from(value).toString() : value;

/** Writes an operation into the outbox, under the load balancer's next sequence number. The caller holds the load balancer's lock. */
export async function openOperation(tx: Tx, request: OperationRequest): Promise<OperationRow> {
  const { sequence, name } = await tx
    .updateTable('load_balancer')
    .set((eb) => ({ sequence: eb('sequence', '+', 1) }))
    .where('id', '=', request.loadBalancerId)
    .returning(['sequence', 'name'])
    .executeTakeFirstOrThrow();
  return tx
    .insertInto('operation')
    .values({
      load_balancer_id: request.loadBalancerId,
      load_balancer_name: name,
      sequence,
      kind: request.kind,
      resource_type: request.resourceType,
      resource_id: request.resourceId,
      resource_name: request.resourceName,
      project_id: request.projectId,
      user_id: request.userId,
      request_id: request.requestId,
      arguments: JSON.stringify(request.arguments ?? {}),
      asked: request.asked === undefined ? null : JSON.stringify(request.asked, wellFormed),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/**
 * Takes an operation back that no workflow has taken yet. False when one has: the operation then runs to its end.
 * The caller removes the intent in the same transaction.
 */
export async function withdrawOperation(tx: Tx, id: string): Promise<boolean> {
  const result = await tx
    .updateTable('operation')
    .set({ state: 'withdrawn', finished_at: utcNow })
    .where('id', '=', id)
    .where('state', '=', 'accepted')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Takes an operation for its workflow. False when it was withdrawn; true again when this workflow asks twice. */
export async function claimOperation(db: Db, id: string): Promise<boolean> {
  const result = await db
    .updateTable('operation')
    .set((eb) => ({ state: 'started', started_at: eb.fn.coalesce('started_at', utcNow) }))
    .where('id', '=', id)
    .where('state', 'in', ['accepted', 'started'])
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** True of a creation whose requester cannot have been told of a VIP: the row has none, or is gone. */
const unanswered = sql<SqlBool>`operation.kind = 'createLoadBalancer' and not exists
  (select 1 from load_balancer where load_balancer.id = operation.load_balancer_id and load_balancer.vip_ready)`;

function waiting(db: Db, olderThanMs: number, limit: number) {
  return db
    .selectFrom('operation')
    .selectAll()
    .where('state', '=', 'accepted')
    .where(isOlderThan('created_at', olderThanMs))
    .orderBy('created_at')
    .limit(limit);
}

/**
 * Operations that nobody has taken for `olderThanMs` milliseconds, oldest first. A creation that has no VIP yet is not among
 * them: its request starts it and waits, and answers 503 when it cannot; then it must not come true later.
 */
export function unstartedOperations(db: Db, olderThanMs: number, limit: number): Promise<OperationRow[]> {
  return waiting(db, olderThanMs, limit)
    .where(sql<SqlBool>`not (${unanswered})`)
    .execute();
}

/** Creations without a VIP that nobody has taken for `olderThanMs` milliseconds, oldest first. */
export function unansweredCreations(db: Db, olderThanMs: number, limit: number): Promise<OperationRow[]> {
  return waiting(db, olderThanMs, limit).where(unanswered).execute();
}
