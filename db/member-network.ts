/** Which subnets the members of a load balancer need, and which its amphorae are plugged into. */
import { sql } from 'kysely';
import { amphoraStatuses, serves } from '../model/status.ts';
import type { Db } from './database.ts';

export interface MemberNetworks {
  /** Subnets of members that must be reached, without those of the VIPs. */
  readonly needed: readonly string[];
  /** The same with those of members in ERROR, which may never have been reached: nobody insists on theirs, nobody takes them away. */
  readonly kept: readonly string[];
  readonly vipNetworks: readonly string[];
  /** For each amphora that serves, the subnets that each of its member ports is plugged into: none for a port that is half made. */
  readonly amphorae: readonly (readonly (readonly string[])[])[];
}

const serving = amphoraStatuses.filter(serves);

/** Null when there is no such load balancer. Members that leave, by themselves or with their pool, need nothing. */
export async function memberNetworks(db: Db, loadBalancerId: string): Promise<MemberNetworks | null> {
  const { rows } = await sql<MemberNetworks>`
    with vip as (
      select vip_subnet_id as subnet_id, vip_network_id as network_id from load_balancer where id = ${loadBalancerId}
      union all select subnet_id, network_id from additional_vip where load_balancer_id = ${loadBalancerId}),
    wanted as (
      select subnet_id, bool_or(member.provisioning_status <> 'ERROR') as is_needed
      from member join pool on pool.id = member.pool_id
      where pool.load_balancer_id = ${loadBalancerId}
        and member.provisioning_status <> 'PENDING_DELETE' and pool.provisioning_status <> 'PENDING_DELETE'
        and subnet_id not in (select subnet_id from vip where subnet_id is not null)
      group by subnet_id),
    plugged as (
      select amphora.id, coalesce(jsonb_agg(port.plugged_subnet_ids) filter (where port.port_id is not null), '[]') as ports
      from amphora left join amphora_member_port port on port.amphora_id = amphora.id
      where load_balancer_id = ${loadBalancerId} and status = any(${serving})
      group by amphora.id)
    select array(select subnet_id::text from wanted where is_needed) as needed,
      array(select subnet_id::text from wanted) as kept,
      array(select distinct network_id::text from vip where network_id is not null) as "vipNetworks",
      coalesce((select jsonb_agg(ports) from plugged), '[]') as amphorae
    from load_balancer where id = ${loadBalancerId}`.execute(db);
  return rows[0] ?? null;
}
