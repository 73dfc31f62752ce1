/** What a flow that succeeds leaves in the database (Octavia: controller/worker/v2/flows). */
import type { Db } from '../../../db/database.ts';
import { memberNetworks } from '../../../db/member-network.ts';
import { utcNow } from '../../../db/operation.ts';
import type { OperationRow } from '../../../db/schema.ts';

export async function finishOperation(db: Db, operation: OperationRow): Promise<void> {
  await carryOut(db, operation);
  if (operation.arguments['plug'] === true) await plugNetworks(db, operation.load_balancer_id);
  await db
    .updateTable('operation')
    .set({ state: 'succeeded', finished_at: utcNow })
    .where('id', '=', operation.id)
    .execute();
}

async function carryOut(db: Db, operation: OperationRow): Promise<void> {
  const { kind, load_balancer_id: id, resource_id: target } = operation;
  if (kind === 'deleteLoadBalancer') return deleteLoadBalancer(db, id);
  if (kind === 'createLoadBalancer') await addAmphora(db, id);
  if (kind === 'deleteListener') await db.deleteFrom('listener').where('id', '=', target).execute();
  if (kind === 'deletePool') await db.deleteFrom('pool').where('id', '=', target).execute();
  if (kind === 'deleteMember') await db.deleteFrom('member').where('id', '=', target).execute();
  if (kind === 'batchUpdateMembers') await removePendingMembers(db, target);
  if (kind === 'deleteHealthMonitor') await deleteHealthMonitor(db, target);
  if (kind === 'createHealthMonitor' || kind === 'updateHealthMonitor') {
    await db.updateTable('health_monitor').set({ operating_status: 'ONLINE' }).where('id', '=', target).execute();
  }
  return markActive(db, id);
}

const active = { provisioning_status: 'ACTIVE', updated_at: utcNow } as const;

async function markActive(db: Db, id: string): Promise<void> {
  const pools = db.selectFrom('pool').select('id').where('load_balancer_id', '=', id);
  await db.updateTable('load_balancer').set(active).where('id', '=', id).execute();
  await db.updateTable('listener').set(active).where('load_balancer_id', '=', id).execute();
  await db.updateTable('pool').set(active).where('load_balancer_id', '=', id).execute();
  await db.updateTable('member').set(active).where('pool_id', 'in', pools).execute();
  await db.updateTable('health_monitor').set(active).where('pool_id', 'in', pools).execute();
}

async function deleteLoadBalancer(db: Db, id: string): Promise<void> {
  await db.deleteFrom('listener').where('load_balancer_id', '=', id).execute();
  await db.deleteFrom('pool').where('load_balancer_id', '=', id).execute();
  await db.updateTable('amphora').set({ status: 'DELETED' }).where('load_balancer_id', '=', id).execute();
  await db
    .updateTable('load_balancer')
    .set({ ...active, provisioning_status: 'DELETED' })
    .where('id', '=', id)
    .execute();
}

async function removePendingMembers(db: Db, poolId: string): Promise<void> {
  await db
    .deleteFrom('member')
    .where('pool_id', '=', poolId)
    .where('provisioning_status', '=', 'PENDING_DELETE')
    .execute();
}

async function deleteHealthMonitor(db: Db, id: string): Promise<void> {
  const monitor = await db.deleteFrom('health_monitor').where('id', '=', id).returning('pool_id').executeTakeFirst();
  if (monitor === undefined) return;
  await db
    .updateTable('member')
    .set({ operating_status: 'NO_MONITOR' })
    .where('pool_id', '=', monitor.pool_id)
    .execute();
}

async function addAmphora(db: Db, id: string): Promise<void> {
  const row = await db.selectFrom('load_balancer').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  await db
    .insertInto('amphora')
    .values({
      id: crypto.randomUUID(),
      load_balancer_id: id,
      compute_id: crypto.randomUUID(),
      status: 'ALLOCATED',
      role: 'STANDALONE',
      lb_network_ip: '192.0.2.1',
      vrrp_ip: '198.51.100.1',
      ha_ip: row.vip_address,
      vrrp_port_id: crypto.randomUUID(),
      ha_port_id: row.vip_port_id,
      vrrp_id: 1,
      cert_expiration: '2027-01-01 00:00:00',
      updated_at: '2026-01-01 00:00:00',
    })
    .execute();
}

/** Each amphora has a port for each subnet of a member, which is another network's here. */
async function plugNetworks(db: Db, id: string): Promise<void> {
  const subnets = (await memberNetworks(db, id))?.kept ?? [];
  const amphorae = await db.selectFrom('amphora').select('id').where('load_balancer_id', '=', id).execute();
  for (const { id: amphoraId } of amphorae) {
    await db.deleteFrom('amphora_member_port').where('amphora_id', '=', amphoraId).execute();
    for (const subnet of subnets)
      await db.insertInto('amphora_member_port').values(portIn(subnet, amphoraId)).execute();
  }
}

const portIn = (subnet: string, amphoraId: string) => ({
  port_id: crypto.randomUUID(),
  amphora_id: amphoraId,
  network_id: subnet,
  plugged_subnet_ids: [subnet],
});
