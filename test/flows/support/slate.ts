/** What must not be left: one predicate per table and per kind of thing outside. */
import { sql } from 'kysely';
import type { Cloud } from './cloud.ts';

type Statement = ReturnType<typeof sql<{ what: string }>>;

async function found(cloud: Cloud, statements: readonly Statement[]): Promise<readonly string[]> {
  const results = await Promise.all(statements.map((statement) => statement.execute(cloud.database.db)));
  return results.flatMap(({ rows }) => rows.map(({ what }) => what));
}

const amphoraeOf = (id: string) => sql`(select a.id from amphora a where a.load_balancer_id = ${id})`;

/** Everything that is left of a load balancer that is gone, as words; empty when nothing is. */
export async function leftovers(cloud: Cloud, id: string): Promise<readonly string[]> {
  const rows = await found(cloud, [
    sql`select 'amphora ' || status as what from amphora where load_balancer_id = ${id} and status <> 'DELETED'`,
    sql`select 'certificate' as what from amphora_certificate where amphora_id in ${amphoraeOf(id)}`,
    sql`select 'health row' as what from amphora_health where amphora_id in ${amphoraeOf(id)}`,
    sql`select 'noted member port' as what from amphora_member_port where amphora_id in ${amphoraeOf(id)}`,
    sql`select 'build slot' as what from build_slot where amphora_id in ${amphoraeOf(id)}`,
    sql`select 'VRRP group' as what from vrrp_group where load_balancer_id = ${id}`,
    sql`select 'VIP port' as what from port where name = ${`octavia-lb-${id}`}`,
    sql`select 'security group' as what from security_group where name = ${`lb-${id}`}`,
    sql`select 'port ' || p.name as what from port p join amphora a on p.name like 'octavia-lb-%' || a.id || '%'
      where a.load_balancer_id = ${id}`,
    sql`select 'port ' || p.name as what from port p join load_balancer l on l.vip_network_id = p.network_id
      where l.id = ${id} and p.device_owner = 'Octavia'`,
    sql`select 'listener' as what from listener where load_balancer_id = ${id}`,
    sql`select 'pool' as what from pool where load_balancer_id = ${id}`,
  ]);
  return [...rows, ...cloud.world.machinesOf(id).map((machine) => `machine ${machine}`)];
}

/**
 * Whatever a load balancer that lives has and should not have: things without an owner, amphorae on their way. Empty when
 * everything is accounted for.
 */
export async function strays(cloud: Cloud, id: string): Promise<readonly string[]> {
  const live = sql`(select a.id from amphora a where a.load_balancer_id = ${id} and a.status <> 'DELETED')`;
  const vipNetwork = sql`(select l.vip_network_id from load_balancer l where l.id = ${id})`;
  const rows = await found(cloud, [
    sql`select 'amphora ' || status as what from amphora where load_balancer_id = ${id}
      and (status like 'PENDING%' or status = 'BOOTING')`,
    sql`select 'certificate of a dead amphora' as what from amphora_certificate c
      where c.amphora_id in ${amphoraeOf(id)} and c.amphora_id not in ${live}`,
    sql`select 'health row of a dead amphora' as what from amphora_health h
      where h.amphora_id in ${amphoraeOf(id)} and h.amphora_id not in ${live}`,
    sql`select 'member port of a dead amphora' as what from amphora_member_port m
      where m.amphora_id in ${amphoraeOf(id)} and m.amphora_id not in ${live}`,
    sql`select 'build slot' as what from build_slot where amphora_id in ${amphoraeOf(id)}`,
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

/** Rows of a load balancer that are PENDING_*, and operations that are not over. */
export function unsettled(cloud: Cloud, id: string): Promise<readonly string[]> {
  return found(cloud, [
    sql`select 'load balancer ' || provisioning_status as what from load_balancer
      where id = ${id} and provisioning_status like 'PENDING%'`,
    sql`select 'listener ' || provisioning_status as what from listener
      where load_balancer_id = ${id} and provisioning_status like 'PENDING%'`,
    sql`select 'pool ' || provisioning_status as what from pool
      where load_balancer_id = ${id} and provisioning_status like 'PENDING%'`,
    sql`select 'member ' || m.provisioning_status as what from member m join pool p on p.id = m.pool_id
      where p.load_balancer_id = ${id} and m.provisioning_status like 'PENDING%'`,
    sql`select 'health monitor ' || m.provisioning_status as what from health_monitor m join pool p on p.id = m.pool_id
      where p.load_balancer_id = ${id} and m.provisioning_status like 'PENDING%'`,
    sql`select 'operation ' || state as what from operation
      where load_balancer_id = ${id} and state in ('accepted', 'started')`,
  ]);
}

/** The load balancer's provisioning status; null when there is no such row. */
export async function statusOf(cloud: Cloud, id: string): Promise<string | null> {
  const row = await cloud.database.db
    .selectFrom('load_balancer')
    .select('provisioning_status')
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.provisioning_status ?? null;
}

/** How many amphorae a load balancer has that serve, and how many its topology wants. */
export async function amphoraCount(cloud: Cloud, id: string): Promise<{ serving: number; wanted: number }> {
  const { db } = cloud.database;
  const amphorae = await db
    .selectFrom('amphora')
    .select('id')
    .where('load_balancer_id', '=', id)
    .where('status', '=', 'ALLOCATED')
    .execute();
  const { topology } = await db
    .selectFrom('load_balancer')
    .select('topology')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return { serving: amphorae.length, wanted: topology === 'SINGLE' ? 1 : 2 };
}
