import type { Tx } from '../../../db/database.ts';
import type { ProvisioningStatus } from '../../../model/status.ts';

const resource = { project_id: 'project', operating_status: 'OFFLINE' } as const;

/** The rows of children, as the API writes them. Each returns the new row's id. */
export async function addListener(
  tx: Tx,
  loadBalancerId: string,
  status: ProvisioningStatus,
  port = 80,
  poolId: string | null = null,
): Promise<string> {
  const row = await tx
    .insertInto('listener')
    .values({
      ...resource,
      load_balancer_id: loadBalancerId,
      provisioning_status: status,
      protocol: 'HTTP',
      protocol_port: port,
      default_pool_id: poolId,
      insert_headers: '{}',
      timeout_client_data: 50_000,
      timeout_member_connect: 5_000,
      timeout_member_data: 50_000,
      timeout_tcp_inspect: 0,
      peer_port: 1025,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

export async function addPool(tx: Tx, loadBalancerId: string, status: ProvisioningStatus): Promise<string> {
  const row = await tx
    .insertInto('pool')
    .values({
      ...resource,
      load_balancer_id: loadBalancerId,
      provisioning_status: status,
      protocol: 'HTTP',
      lb_algorithm: 'ROUND_ROBIN',
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

export async function addMember(
  tx: Tx,
  poolId: string,
  status: ProvisioningStatus,
  subnetId: string | null = null,
  address = '10.11.0.200',
): Promise<string> {
  const row = await tx
    .insertInto('member')
    .values({
      ...resource,
      pool_id: poolId,
      provisioning_status: status,
      address,
      protocol_port: 80,
      subnet_id: subnetId,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

export async function addMonitor(tx: Tx, poolId: string, status: ProvisioningStatus): Promise<string> {
  const row = await tx
    .insertInto('health_monitor')
    .values({
      ...resource,
      pool_id: poolId,
      provisioning_status: status,
      type: 'HTTP',
      delay: 1,
      timeout: 1,
      max_retries: 1,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

export type ChildTable = 'listener' | 'pool' | 'member' | 'health_monitor';

/** Sets the status of a child, as the API does when it locks it. */
export async function setStatus(tx: Tx, table: ChildTable, id: string, status: ProvisioningStatus): Promise<void> {
  await tx.updateTable(table).set({ provisioning_status: status }).where('id', '=', id).execute();
}

/** Lets clients of one network alone reach a listener, as an update of it does. */
export async function narrow(tx: Tx, listenerId: string): Promise<void> {
  await tx
    .updateTable('listener')
    .set({ allowed_cidrs: ['192.0.2.0/24'] })
    .where('id', '=', listenerId)
    .execute();
}
