import { randomUUID } from 'node:crypto';
import type { Db, Tx } from '../../../db/database.ts';
import { lockLoadBalancer, openOperation, type OperationRequest } from '../../../db/operation.ts';
import type { OperationRow } from '../../../db/schema.ts';
import { deletable, failoverable, mutable, type Topology } from '../../../model/status.ts';

const projectId = 'project';

type Wish = Omit<OperationRequest, 'projectId' | 'userId' | 'requestId' | 'resourceName'>;

/** Writes what the API writes for a new load balancer: its row without a VIP, and the operation. */
export function requestLoadBalancer(db: Db, subnetId: string, topology: Topology = 'SINGLE'): Promise<OperationRow> {
  return db.transaction().execute(async (tx) => {
    const { id } = await tx
      .insertInto('load_balancer')
      .values({
        project_id: projectId,
        name: 'web',
        provisioning_status: 'PENDING_CREATE',
        operating_status: 'OFFLINE',
        topology,
        provider: 'amphora',
        vip_subnet_id: subnetId,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    return open(tx, { kind: 'createLoadBalancer', loadBalancerId: id, resourceType: 'load_balancer', resourceId: id });
  });
}

/** Locks the load balancer as the API does for a change of itself, and writes the operation. */
export function requestOf(
  db: Db,
  kind: 'updateLoadBalancer' | 'deleteLoadBalancer' | 'failoverLoadBalancer',
  loadBalancerId: string,
): Promise<OperationRow> {
  const [from, to] = {
    updateLoadBalancer: [mutable, 'PENDING_UPDATE'] as const,
    deleteLoadBalancer: [deletable, 'PENDING_DELETE'] as const,
    failoverLoadBalancer: [failoverable, 'PENDING_UPDATE'] as const,
  }[kind];
  return db.transaction().execute(async (tx) => {
    await lockLoadBalancer(tx, loadBalancerId, from, to);
    return open(tx, { kind, loadBalancerId, resourceType: 'load_balancer', resourceId: loadBalancerId });
  });
}

/** Locks the load balancer for a change of something that belongs to it; `write` makes the rows that the API would. */
export function requestChange(
  db: Db,
  loadBalancerId: string,
  write: (tx: Tx) => Promise<Omit<Wish, 'loadBalancerId'>>,
): Promise<OperationRow> {
  return db.transaction().execute(async (tx) => {
    const lock = await lockLoadBalancer(tx, loadBalancerId, mutable, 'PENDING_UPDATE');
    if ('refused' in lock) throw new Error(`the load balancer is ${lock.refused}`);
    return open(tx, { ...(await write(tx)), loadBalancerId });
  });
}

/** The row of an operation. */
export function operationRow(db: Db, id: string): Promise<OperationRow> {
  return db.selectFrom('operation').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

function open(tx: Tx, wish: Wish): Promise<OperationRow> {
  return openOperation(tx, {
    ...wish,
    resourceName: 'web',
    projectId,
    userId: 'user',
    requestId: `req-${randomUUID()}`,
  });
}
