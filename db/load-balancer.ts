/** Load balancers as the API reads and writes them. */
import { sql, type Insertable, type SelectQueryBuilder, type UpdateObject } from 'kysely';
import type { Db, Tx } from './database.ts';
import { currentSnapshot, commonColumns, paged, type ListTable, type Page } from './page.ts';
import type { AdditionalVipTable, Database, LoadBalancerRow, LoadBalancerTable } from './schema.ts';

export interface AdditionalVipView {
  readonly subnet_id: string;
  readonly ip_address: string | null;
  readonly port_id: string | null;
}

/** A load balancer with the ids of its children. */
export interface LoadBalancerWithChildren extends LoadBalancerRow {
  readonly listener_ids: readonly string[];
  readonly pool_ids: readonly string[];
  readonly additional_vips: readonly AdditionalVipView[];
}

export const loadBalancerList = {
  table: 'load_balancer',
  columns: {
    ...commonColumns,
    description: { column: 'description', kind: 'text' },
    vip_address: { column: 'vip_address', kind: 'text', nullable: true },
    vip_port_id: { column: 'vip_port_id', kind: 'uuid', nullable: true },
    vip_subnet_id: { column: 'vip_subnet_id', kind: 'uuid', nullable: true },
    vip_network_id: { column: 'vip_network_id', kind: 'uuid', nullable: true },
    vip_qos_policy_id: { column: 'vip_qos_policy_id', kind: 'uuid', nullable: true },
    vip_vnic_type: { column: 'vip_vnic_type', kind: 'text' },
    provider: { column: 'provider', kind: 'text' },
    flavor_id: { column: 'flavor_id', kind: 'uuid', nullable: true },
    availability_zone: { column: 'availability_zone', kind: 'text', nullable: true },
  },
} as const satisfies ListTable;

const childIds = (table: 'listener' | 'pool') =>
  sql<string[]>`array(
    select child.id::text from ${sql.table(table)} as child
    where child.load_balancer_id = load_balancer.id order by child.created_at, child.id)`;

const additionalVips = sql<AdditionalVipView[]>`coalesce((
  select json_agg(json_build_object('subnet_id', subnet_id, 'ip_address', ip_address, 'port_id', port_id) order by position)
  from additional_vip where load_balancer_id = load_balancer.id), '[]')`;

/** Those that a client may see: not deleted, and with their VIP. */
function visible(db: Db): SelectQueryBuilder<Database, 'load_balancer', LoadBalancerWithChildren> {
  return db
    .selectFrom('load_balancer')
    .selectAll('load_balancer')
    .select([childIds('listener').as('listener_ids'), childIds('pool').as('pool_ids')])
    .select(additionalVips.as('additional_vips'))
    .where('provisioning_status', '<>', 'DELETED')
    .where('vip_ready', '=', true);
}

export function findLoadBalancer(db: Db, id: string): Promise<LoadBalancerWithChildren | undefined> {
  return visible(db).where('id', '=', id).executeTakeFirst();
}

export function listLoadBalancers(db: Db, page: Page): Promise<(LoadBalancerWithChildren & { snapshot: string })[]> {
  return paged(visible(db).select(currentSnapshot.as('snapshot')), page).execute();
}

export function insertLoadBalancer(tx: Tx, row: Insertable<LoadBalancerTable>): Promise<LoadBalancerRow> {
  return tx.insertInto('load_balancer').values(row).returningAll().executeTakeFirstOrThrow();
}

export async function insertAdditionalVips(tx: Tx, rows: readonly Insertable<AdditionalVipTable>[]): Promise<void> {
  if (rows.length > 0) await tx.insertInto('additional_vip').values(rows).execute();
}

export async function updateLoadBalancer(
  tx: Tx,
  id: string,
  values: UpdateObject<Database, 'load_balancer'>,
): Promise<void> {
  await tx.updateTable('load_balancer').set(values).where('id', '=', id).execute();
}

export async function hasChildren(db: Db, id: string): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`select
    exists (select 1 from listener where load_balancer_id = ${id})
    or exists (select 1 from pool where load_balancer_id = ${id}) as found`.execute(db);
  return rows[0]?.found === true;
}

/** The addresses of a load balancer, the primary one first. */
export async function vipAddresses(db: Db, id: string): Promise<string[]> {
  const { rows } = await sql<{ address: string }>`
    select vip_address as address, -1 as position from load_balancer where id = ${id} and vip_address is not null
    union all select ip_address, position from additional_vip where load_balancer_id = ${id} and ip_address is not null
    order by position`.execute(db);
  return rows.map((row) => row.address);
}
