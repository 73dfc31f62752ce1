/** What must not be left: one predicate per table and per kind of thing outside. */
import { sql } from 'kysely';
import type { Cloud } from './cloud.ts';

/** Everything that is left of a load balancer, as words; empty when nothing is. */
export async function leftovers(cloud: Cloud, loadBalancerId: string): Promise<readonly string[]> {
  const { db } = cloud.database;
  const count = async (what: string, statement: ReturnType<typeof sql<{ count: number }>>): Promise<string[]> => {
    const { rows } = await statement.execute(db);
    const found = rows[0]?.count ?? 0;
    return found === 0 ? [] : [`${found} ${what}`];
  };
  const id = loadBalancerId;
  const amphorae = sql`select a.id::text from amphora a where a.load_balancer_id = ${id}`;
  const found = await Promise.all([
    count('live amphorae', sql`select count(*) from amphora where load_balancer_id = ${id} and status <> 'DELETED'`),
    count(
      'certificates',
      sql`select count(*) from amphora_certificate c join amphora a on a.id = c.amphora_id where a.load_balancer_id = ${id}`,
    ),
    count('health rows', sql`select count(*) from amphora_health where amphora_id::text in (${amphorae})`),
    count(
      'member ports noted',
      sql`select count(*) from amphora_member_port p join amphora a on a.id = p.amphora_id where a.load_balancer_id = ${id}`,
    ),
    count('VIP ports', sql`select count(*) from port where name = ${`octavia-lb-${id}`}`),
    count(
      'amphora ports',
      sql`select count(*) from port p join amphora a on p.name like 'octavia-lb-%' || a.id || '%' where a.load_balancer_id = ${id}`,
    ),
    count('security groups', sql`select count(*) from security_group where name = ${`lb-${id}`}`),
  ]);
  const machines = cloud.world.machinesOf(id).map((machine) => `machine ${machine}`);
  return [...found.flat(), ...machines];
}

/** Rows of a load balancer that are PENDING_*, and operations that are not over. */
export async function unsettled(cloud: Cloud, loadBalancerId: string): Promise<readonly string[]> {
  const { rows } = await sql<{ what: string }>`
    select 'load balancer ' || provisioning_status as what from load_balancer where id = ${loadBalancerId} and provisioning_status like 'PENDING%'
    union all select 'listener ' || provisioning_status from listener where load_balancer_id = ${loadBalancerId} and provisioning_status like 'PENDING%'
    union all select 'pool ' || provisioning_status from pool where load_balancer_id = ${loadBalancerId} and provisioning_status like 'PENDING%'
    union all select 'member ' || m.provisioning_status from member m join pool p on p.id = m.pool_id where p.load_balancer_id = ${loadBalancerId} and m.provisioning_status like 'PENDING%'
    union all select 'health monitor ' || m.provisioning_status from health_monitor m join pool p on p.id = m.pool_id where p.load_balancer_id = ${loadBalancerId} and m.provisioning_status like 'PENDING%'
    union all select 'operation ' || state from operation where load_balancer_id = ${loadBalancerId} and state in ('accepted', 'started')
  `.execute(cloud.database.db);
  return rows.map(({ what }) => what);
}

/** Ports, members' and amphorae's, on networks that were made for one load balancer alone. */
export async function statusOf(cloud: Cloud, loadBalancerId: string): Promise<string | null> {
  const row = await cloud.database.db
    .selectFrom('load_balancer')
    .select('provisioning_status')
    .where('id', '=', loadBalancerId)
    .executeTakeFirst();
  return row?.provisioning_status ?? null;
}
