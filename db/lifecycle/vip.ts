import type { AllocatedVip, VipRequest } from '../../model/vip.ts';
import type { Db } from '../database.ts';
import { utcNow } from '../operation.ts';

/** What the VIP of a load balancer must be, as its row has it; null when there is no such row, or it is to have none any more. */
export async function vipRequestOf(db: Db, loadBalancerId: string): Promise<VipRequest | null> {
  const row = await db
    .selectFrom('load_balancer')
    .selectAll()
    .where('id', '=', loadBalancerId)
    .where('provisioning_status', 'not in', ['PENDING_DELETE', 'DELETED'])
    .executeTakeFirst();
  if (row === undefined) return null;
  const additional = await db
    .selectFrom('additional_vip')
    .selectAll()
    .where('load_balancer_id', '=', loadBalancerId)
    .orderBy('position')
    .execute();
  return {
    loadBalancerId,
    projectId: row.project_id,
    portId: row.vip_port_id,
    networkId: row.vip_network_id,
    subnetId: row.vip_subnet_id,
    address: row.vip_address,
    additional: additional.map((vip) => ({ subnetId: vip.subnet_id, address: vip.ip_address })),
    securityGroupIds: row.vip_sg_ids,
  };
}

/** The port of a load balancer's VIP as its row has it, or null. */
export async function vipPortOf(db: Db, loadBalancerId: string): Promise<string | null> {
  const row = await db
    .selectFrom('load_balancer')
    .select('vip_port_id')
    .where('id', '=', loadBalancerId)
    .executeTakeFirst();
  return row?.vip_port_id ?? null;
}

/** Writes an allocated VIP into the rows; from then on the load balancer is listed (Octavia: UpdateVIPAfterAllocation). */
export async function saveVip(db: Db, loadBalancerId: string, vip: AllocatedVip): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx
      .updateTable('load_balancer')
      .set({
        vip_port_id: vip.portId,
        vip_network_id: vip.networkId,
        vip_subnet_id: vip.subnetId,
        vip_address: vip.address,
        vip_owned: vip.owned,
        vip_ready: true,
        updated_at: utcNow,
      })
      .where('id', '=', loadBalancerId)
      .execute();
    for (const extra of vip.additional)
      await tx
        .updateTable('additional_vip')
        .set({ port_id: extra.portId, network_id: extra.networkId, ip_address: extra.address })
        .where('load_balancer_id', '=', loadBalancerId)
        .where('subnet_id', '=', extra.subnetId)
        .execute();
  });
}

/** The VIP of a load balancer as it was allocated; null when it was not. */
export async function loadVip(db: Db, loadBalancerId: string): Promise<AllocatedVip | null> {
  const row = await db.selectFrom('load_balancer').selectAll().where('id', '=', loadBalancerId).executeTakeFirst();
  if (row === undefined) return null;
  const { vip_port_id: portId, vip_network_id: networkId, vip_subnet_id: subnetId, vip_address: address } = row;
  if (portId === null || networkId === null || subnetId === null || address === null) return null;
  const rows = await db
    .selectFrom('additional_vip')
    .selectAll()
    .where('load_balancer_id', '=', loadBalancerId)
    .orderBy('position')
    .execute();
  const additional = rows.map((vip) => ({
    subnetId: vip.subnet_id,
    address: vip.ip_address ?? '',
    portId: vip.port_id ?? portId,
    networkId: vip.network_id ?? networkId,
  }));
  return { portId, networkId, subnetId, address, owned: row.vip_owned, additional };
}
