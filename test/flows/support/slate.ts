/** What must not be left: one predicate per table and per kind of thing outside. */
import { sql } from 'kysely';
import type { Database } from '../../../db/schema.ts';
import type { Cloud } from './cloud.ts';
import { found, type Statement } from './found.ts';

/** Those that have a row and those whose row is gone. */
const amphoraeOf = ({ world }: Cloud, id: string) =>
  sql`(select a.id from amphora a where a.load_balancer_id = ${id} union select unnest(${[...world.amphoraeOf(id)]}::uuid[]))`;

interface Owner {
  /** Of the load balancer. */
  readonly id: string;
  readonly amphorae: ReturnType<typeof amphoraeOf>;
}

/** Tables in which nothing can be left: they are the record of a load balancer, belong to none, or go with another row by a foreign key. */
type Lasting =
  | ('load_balancer' | 'additional_vip' | 'operation')
  | ('compute_host' | 'network' | 'subnet' | 'certificate_authority')
  | 'port_address';

const poolsOf = (id: string) => sql`(select p.id from pool p where p.load_balancer_id = ${id})`;

/** What is left in each table; a table that has no line here does not compile. */
const leftIn: Readonly<Record<Exclude<keyof Database, Lasting>, (of: Owner) => Statement>> = {
  amphora: ({ id }) =>
    sql`select 'amphora ' || status as what from amphora where load_balancer_id = ${id} and status <> 'DELETED'`,
  amphora_certificate: ({ amphorae }) =>
    sql`select 'certificate' as what from amphora_certificate where amphora_id in ${amphorae}`,
  amphora_health: ({ amphorae }) =>
    sql`select 'health row' as what from amphora_health where amphora_id in ${amphorae}`,
  amphora_member_port: ({ amphorae }) =>
    sql`select 'noted member port' as what from amphora_member_port where amphora_id in ${amphorae}`,
  build_slot: ({ amphorae }) => sql`select 'build slot' as what from build_slot where amphora_id in ${amphorae}`,
  vrrp_group: ({ id }) => sql`select 'VRRP group' as what from vrrp_group where load_balancer_id = ${id}`,
  listener: ({ id }) => sql`select 'listener' as what from listener where load_balancer_id = ${id}`,
  listener_statistics: ({ amphorae }) =>
    sql`select 'statistics' as what from listener_statistics where amphora_id in ${amphorae}`,
  pool: ({ id }) => sql`select 'pool' as what from pool where load_balancer_id = ${id}`,
  member: ({ id }) => sql`select 'member' as what from member where pool_id in ${poolsOf(id)}`,
  health_monitor: ({ id }) => sql`select 'health monitor' as what from health_monitor where pool_id in ${poolsOf(id)}`,
  // By its name or an amphora's, and whatever is ours on the VIP's network.
  port: ({ id, amphorae }) =>
    sql`select case p.name when ${`octavia-lb-${id}`} then 'VIP port' else 'port ' || p.name end as what
      from port p where p.name = ${`octavia-lb-${id}`}
        or exists (select 1 from ${amphorae} a where p.name like 'octavia-lb-%' || a.id || '%')
        or (p.device_owner = 'Octavia'
          and p.network_id = (select l.vip_network_id from load_balancer l where l.id = ${id}))`,
  security_group: ({ id }) => sql`select 'security group' as what from security_group where name = ${`lb-${id}`}`,
};

/** Everything that is left of a load balancer that is gone, as words; empty when nothing is. */
export async function leftovers(cloud: Cloud, id: string): Promise<readonly string[]> {
  const amphorae = amphoraeOf(cloud, id);
  const rows = await found(
    cloud,
    Object.values(leftIn).map((left) => left({ id, amphorae })),
  );
  return [...rows, ...cloud.world.machinesOf(id).map((machine) => `machine ${machine}`)];
}

/**
 * Whatever a load balancer that lives has and should not have: things without an owner, amphorae on their way. Empty when
 * everything is accounted for.
 */
export async function strays(cloud: Cloud, id: string): Promise<readonly string[]> {
  const amphorae = amphoraeOf(cloud, id);
  const live = sql`(select a.id from amphora a where a.load_balancer_id = ${id} and a.status <> 'DELETED')`;
  const vipNetwork = sql`(select l.vip_network_id from load_balancer l where l.id = ${id})`;
  const rows = await found(cloud, [
    sql`select 'amphora ' || status as what from amphora where load_balancer_id = ${id}
      and (status like 'PENDING%' or status = 'BOOTING')`,
    // Both would answer for the VIP. What stood beside another before is not the failover's.
    sql`select 'replaced ' || old.role || ' amphora' as what from amphora old join amphora new using (load_balancer_id, role)
      where load_balancer_id = ${id} and old.status = 'ERROR' and new.status = 'ALLOCATED'
        and new.created_at >= (select max(o.created_at) from operation o
          where o.load_balancer_id = ${id} and o.kind like 'failover%')`,
    sql`select 'certificate of a dead amphora' as what from amphora_certificate c
      where c.amphora_id in ${amphorae} and c.amphora_id not in ${live}`,
    sql`select 'health row of a dead amphora' as what from amphora_health h
      where h.amphora_id in ${amphorae} and h.amphora_id not in ${live}`,
    // Nobody would fail it over.
    sql`select 'busy health row of a serving amphora' as what from amphora_health h join amphora a on a.id = h.amphora_id
      where a.load_balancer_id = ${id} and a.status = 'ALLOCATED' and h.busy`,
    sql`select 'member port of a dead amphora' as what from amphora_member_port m
      where m.amphora_id in ${amphorae} and m.amphora_id not in ${live}`,
    sql`select 'build slot' as what from build_slot where amphora_id in ${amphorae}`,
    sql`select 'port ' || p.name || ' on the VIP network' as what from port p
      where p.network_id = ${vipNetwork} and p.device_owner = 'Octavia'
        and p.name <> ${`octavia-lb-${id}`} and p.name not in (select 'octavia-lb-vrrp-' || l.id from ${live} l)`,
    sql`select 'unnoted port ' || p.name as what from port p
      join amphora a on p.name like 'octavia-lb-%' || a.id || '%'
      where a.load_balancer_id = ${id} and p.name not like 'octavia-lb-vrrp-%'
        and p.id not in (select m.port_id from amphora_member_port m)`,
  ]);
  return [...rows, ...(await mismatchedMachines(cloud, id)), ...(await danglingPorts(cloud, id))];
}

/** Machines without an amphora, and amphorae that should serve without a machine. */
async function mismatchedMachines(cloud: Cloud, id: string): Promise<readonly string[]> {
  const amphorae = await cloud.database.db
    .selectFrom('amphora')
    .select(['compute_id', 'role', 'status'])
    .where('load_balancer_id', '=', id)
    .where('status', '<>', 'DELETED')
    .execute();
  const owned = new Set(amphorae.map((amphora) => amphora.compute_id));
  const machines = cloud.world.machinesOf(id);
  return [
    ...machines.flatMap((machine) => (owned.has(machine) ? [] : [`unowned machine ${machine}`])),
    ...amphorae
      .filter(({ status, compute_id: machine }) => status === 'ALLOCATED' && !machines.includes(machine ?? ''))
      .map(({ role }) => `${role} amphora without a machine`),
  ];
}

/** Interfaces of machines whose port does not exist any more. */
async function danglingPorts(cloud: Cloud, id: string): Promise<readonly string[]> {
  const attached = cloud.world
    .machinesOf(id)
    .flatMap((machine) => [...(cloud.world.machines.get(machine)?.ports ?? [])].map((port) => ({ machine, port })));
  if (attached.length === 0) return [];
  const ids = attached.map(({ port }) => port);
  const rows = await cloud.database.db.selectFrom('port').select('id').where('id', 'in', ids).execute();
  const known = new Set(rows.map((row) => row.id));
  return attached.flatMap(({ machine, port }) =>
    known.has(port) ? [] : [`${machine} holds the deleted port ${port}`],
  );
}
