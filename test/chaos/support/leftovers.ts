import { sql } from 'kysely';
import type { Db } from '../../../db/database.ts';

const tables = ['load_balancer', 'listener', 'pool', 'member', 'health_monitor'] as const;

/** What has not come to an end yet: rows in PENDING_*, operations, load balancers that nobody can see. Empty when all is settled. */
export async function unsettled(db: Db): Promise<string[]> {
  const found: string[] = [];
  for (const table of tables) {
    const { rows } = await sql<{ id: string; status: string }>`select id, provisioning_status as status
      from ${sql.table(table)} where provisioning_status like 'PENDING%'`.execute(db);
    found.push(...rows.map(({ id, status }) => `${table} ${id} is ${status}`));
  }
  const amphorae = await db
    .selectFrom('amphora')
    .select(['id', 'status'])
    .where('status', 'not in', ['ALLOCATED', 'DELETED', 'ERROR'])
    .execute();
  found.push(...amphorae.map(({ id, status }) => `amphora ${id} is ${status}`));
  const operations = await db
    .selectFrom('operation')
    .select(['id', 'kind', 'state'])
    .where('state', 'in', ['accepted', 'started'])
    .execute();
  found.push(...operations.map(({ id, kind, state }) => `${kind} ${id} is ${state}`));
  return found;
}

/** What hangs from nothing: amphorae of deleted load balancers, rows of load balancers that were never seen. */
export async function leaked(db: Db): Promise<string[]> {
  const amphorae = await sql<{ id: string; status: string }>`select a.id, a.status from amphora a
    left join load_balancer l on l.id = a.load_balancer_id
    where a.status <> 'DELETED' and (l.id is null or l.provisioning_status = 'DELETED')`.execute(db);
  const surplus = await sql<{ id: string }>`select load_balancer_id as id from amphora
    where status <> 'DELETED' group by 1 having count(*) > 1`.execute(db);
  const unseen = await db.selectFrom('load_balancer').select('id').where('vip_ready', '=', false).execute();
  const children = await sql<{ id: string }>`select p.id from pool p join load_balancer l on l.id = p.load_balancer_id
    where l.provisioning_status = 'DELETED'`.execute(db);
  return [
    ...amphorae.rows.map(({ id, status }) => `amphora ${id} (${status}) belongs to nothing`),
    ...surplus.rows.map(({ id }) => `load balancer ${id} has more amphorae than it needs`),
    ...unseen.map(({ id }) => `load balancer ${id} has no VIP`),
    ...children.rows.map(({ id }) => `pool ${id} belongs to a deleted load balancer`),
  ];
}
