/** The way of every request that changes something: one transaction with its operation in the outbox, then the start of its workflow. */
import type { Tx } from '../../db/database.ts';
import { lockLoadBalancer, openOperation, type OperationRequest } from '../../db/operation.ts';
import type { LoadBalancerRow, OperationRow } from '../../db/schema.ts';
import { immutable, notFound, pendingState } from '../../model/errors.ts';
import { mutable, type ProvisioningStatus } from '../../model/status.ts';
import type { AnyCall } from './route.ts';

export interface Change<T> {
  /** Null when nothing is left to do. */
  readonly operation: OperationRow | null;
  readonly result: T;
}

/** Commits `work`, then starts the workflow of its operation. What cannot be started now, the relay starts. */
export async function change<T>(call: AnyCall, work: (tx: Tx) => Promise<Change<T>>): Promise<T> {
  const { operation, result } = await call.db.transaction().execute(work);
  if (operation !== null) await call.starter.start(operation);
  return result;
}

/** Locks a load balancer for a change of one of its children. Throws the 409 of Octavia's ImmutableObject. */
export async function lockForChild(tx: Tx, id: string): Promise<LoadBalancerRow> {
  const lock = await lockLoadBalancer(tx, id, mutable, 'PENDING_UPDATE');
  if ('row' in lock) return lock.row;
  throw lock.refused === 'NOT_FOUND' ? notFound('Load Balancer', id) : immutable('Load Balancer', id);
}

/** Locks a load balancer for a change of itself. Throws the 409 of Octavia's LBPendingStateError. */
export async function lockItself(
  tx: Tx,
  id: string,
  from: readonly ProvisioningStatus[],
  to: ProvisioningStatus,
): Promise<LoadBalancerRow> {
  const lock = await lockLoadBalancer(tx, id, from, to);
  if ('row' in lock) return lock.row;
  throw lock.refused === 'NOT_FOUND' ? notFound('Load Balancer', id) : pendingState(lock.refused, id);
}

/** Writes the operation of this request into the outbox. */
export function open(
  tx: Tx,
  call: AnyCall,
  request: Omit<OperationRequest, 'userId' | 'requestId' | 'asked'>,
): Promise<OperationRow> {
  return openOperation(tx, {
    ...request,
    userId: call.identity.userId,
    requestId: call.requestId,
    asked: call.body,
  });
}
