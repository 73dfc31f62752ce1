/** The statuses of a load balancer and its children. */
import { sql } from 'kysely';
import { childTables } from '../../../db/lifecycle/settle.ts';
import type { OperationRow } from '../../../db/schema.ts';
import type { Cloud } from './cloud.ts';
import { found } from './found.ts';

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

/**
 * Children that an operation was not about and whose statuses it changed nevertheless. A creation is about all of them; a batch
 * about the members that it names. The simulated amphorae send no heartbeats, so only flows write operating statuses.
 */
export async function disturbed(
  cloud: Cloud,
  { load_balancer_id: id, kind, resource_id: target, arguments: { created, deleted } }: OperationRow,
  ended: 'succeeded' | 'failed',
): Promise<readonly string[]> {
  const creationFailed = kind === 'createLoadBalancer' && ended === 'failed';
  const wanted = creationFailed ? 'ERROR' : 'ACTIVE';
  const operating = {
    listener: 'OFFLINE',
    pool: 'OFFLINE',
    member: kind === 'deleteHealthMonitor' && ended === 'succeeded' ? 'NO_MONITOR' : 'OFFLINE',
    health_monitor: creationFailed ? 'OFFLINE' : 'ONLINE',
  } as const;
  const targets = (kind === 'batchUpdateMembers' ? [created, deleted].flat() : [target]).map(String);
  return found(
    cloud,
    childTables.map(({ name, ofLoadBalancer }) => {
      const isTarget = sql`id::text = any(${targets})`;
      return sql`select ${name} || ' ' || provisioning_status || ' and ' || operating_status as what from ${sql.table(name)}
        where ${sql.raw(ofLoadBalancer)} = ${id} and not (${isTarget})
          and (provisioning_status <> ${wanted} or operating_status <> ${operating[name]})`;
    }),
  );
}
