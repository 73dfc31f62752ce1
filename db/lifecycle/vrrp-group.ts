import type { VrrpGroup } from '../../model/graph.ts';
import type { Db } from '../database.ts';

/** The VRRP group of a load balancer, made on first use; `authPassword` is used only then (Octavia: CreateVRRPGroupForLB). */
export async function ensureVrrpGroup(
  db: Db,
  loadBalancerId: string,
  authPassword: string,
  advertInterval: number,
): Promise<VrrpGroup> {
  await db
    .insertInto('vrrp_group')
    .values({
      load_balancer_id: loadBalancerId,
      vrrp_group_name: loadBalancerId.replaceAll('-', ''),
      vrrp_auth_pass: authPassword,
      advert_int: advertInterval,
    })
    .onConflict((conflict) => conflict.column('load_balancer_id').doNothing())
    .execute();
  const row = await db
    .selectFrom('vrrp_group')
    .selectAll()
    .where('load_balancer_id', '=', loadBalancerId)
    .executeTakeFirstOrThrow();
  return { name: row.vrrp_group_name, authPassword: row.vrrp_auth_pass, advertInterval: row.advert_int };
}
