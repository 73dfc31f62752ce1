/** The statuses of a load balancer and its children. */
import { sql } from 'kysely';
import { childTables } from '../../../db/lifecycle/settle.ts';
import type { OperationRow } from '../../../db/schema.ts';
import type { ResourceType } from '../../../model/operation.ts';
import type { Cloud } from './cloud.ts';
import { found } from './found.ts';
import type { ChildTable } from './rows.ts';

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

/** A child that an operation is about. */
interface Target {
  readonly table: ChildTable;
  readonly id: string;
  /** Whether its operation takes it away. */
  readonly leaves: boolean;
}

const tablesOf: Partial<Record<ResourceType, ChildTable>> = Object.fromEntries(
  childTables.map(({ name }) => [name, name]),
);

/** The children that an operation is about: none for one about a load balancer or an amphora, in a batch the members that it names. */
function targetsOf({ kind, resource_type: type, resource_id: id, arguments: batch }: OperationRow): readonly Target[] {
  if (kind === 'batchUpdateMembers')
    return (['created', 'deleted'] as const).flatMap((part) =>
      [batch[part]].flat().map((member) => ({ table: 'member', id: String(member), leaves: part === 'deleted' })),
    );
  const table = tablesOf[type];
  return table === undefined ? [] : [{ table, id, leaves: kind.startsWith('delete') }];
}

/** What an operation was about and is not as its end wants it: ACTIVE or gone; when it failed, each of them in ERROR. */
export async function amiss(
  cloud: Cloud,
  operation: OperationRow,
  ended: 'succeeded' | 'failed',
): Promise<readonly string[]> {
  const found = targetsOf(operation).map(async ({ table, id, leaves }) => {
    const row = await cloud.database.db
      .selectFrom(table)
      .select(['provisioning_status', 'operating_status'])
      .where('id', '=', id)
      .executeTakeFirst();
    const is = row === undefined ? 'gone' : `${row.provisioning_status} and ${row.operating_status}`;
    // Only the success of a monitor's own flow, or of its load balancer's, puts it ONLINE; a failure leaves it as it was.
    const isOnline = table === 'health_monitor' && !(ended === 'failed' && operation.kind === 'createHealthMonitor');
    const stays = `${ended === 'failed' ? 'ERROR' : 'ACTIVE'} and ${isOnline ? 'ONLINE' : 'OFFLINE'}`;
    const wanted = leaves && ended === 'succeeded' ? 'gone' : stays;
    return is === wanted ? [] : [`the ${table} is ${is}, not ${wanted}`];
  });
  return (await Promise.all(found)).flat();
}

/**
 * Children that an operation was not about and whose statuses it changed nevertheless. A creation is about all of them; a batch
 * about the members that it names. The simulated amphorae send no heartbeats, so only flows write operating statuses.
 */
export async function disturbed(
  cloud: Cloud,
  operation: OperationRow,
  ended: 'succeeded' | 'failed',
): Promise<readonly string[]> {
  const { load_balancer_id: id, kind } = operation;
  const creationFailed = kind === 'createLoadBalancer' && ended === 'failed';
  const wanted = creationFailed ? 'ERROR' : 'ACTIVE';
  const operating = {
    listener: 'OFFLINE',
    pool: 'OFFLINE',
    member: kind === 'deleteHealthMonitor' && ended === 'succeeded' ? 'NO_MONITOR' : 'OFFLINE',
    health_monitor: creationFailed ? 'OFFLINE' : 'ONLINE',
  } as const;
  const targets = targetsOf(operation).map((target) => target.id);
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
