/** Pools as the API reads and writes them. */
import { sql, type Insertable, type SelectQueryBuilder, type UpdateObject } from 'kysely';
import type { Db, Tx } from './database.ts';
import { utcNow } from './operation.ts';
import { commonColumns, currentSnapshot, paged, type ListTable, type Page } from './page.ts';
import type { Database, PoolRow, PoolTable } from './schema.ts';

/** A pool with the ids of what hangs together with it. */
export interface PoolWithRelations extends PoolRow {
  readonly listener_ids: readonly string[];
  readonly member_ids: readonly string[];
  readonly health_monitor_id: string | null;
}

export const poolList = {
  table: 'pool',
  columns: {
    ...commonColumns,
    description: { column: 'description', kind: 'text' },
    loadbalancer_id: { column: 'load_balancer_id', kind: 'uuid' },
    protocol: { column: 'protocol', kind: 'text' },
    lb_algorithm: { column: 'lb_algorithm', kind: 'text' },
    tls_enabled: { column: 'tls_enabled', kind: 'boolean' },
    tls_container_ref: { column: 'tls_container_ref', kind: 'text', nullable: true },
    ca_tls_container_ref: { column: 'ca_tls_container_ref', kind: 'text', nullable: true },
    crl_container_ref: { column: 'crl_container_ref', kind: 'text', nullable: true },
    tls_ciphers: { column: 'tls_ciphers', kind: 'text', nullable: true },
  },
} as const satisfies ListTable;

const listenerIds = sql<string[]>`array(
  select listener.id::text from listener where listener.default_pool_id = pool.id order by created_at, id)`;
const memberIds = sql<string[]>`array(
  select member.id::text from member where member.pool_id = pool.id order by created_at, id)`;
const healthMonitorId = sql<string | null>`(
  select health_monitor.id from health_monitor where health_monitor.pool_id = pool.id)`;

function withRelations(db: Db): SelectQueryBuilder<Database, 'pool', PoolWithRelations> {
  return db
    .selectFrom('pool')
    .selectAll('pool')
    .select([listenerIds.as('listener_ids'), memberIds.as('member_ids')])
    .select(healthMonitorId.as('health_monitor_id'));
}

export function findPool(db: Db, id: string): Promise<PoolWithRelations | undefined> {
  return withRelations(db).where('id', '=', id).executeTakeFirst();
}

export function listPools(db: Db, page: Page): Promise<(PoolWithRelations & { snapshot: string })[]> {
  return paged(withRelations(db).select(currentSnapshot.as('snapshot')), page).execute();
}

export async function insertPool(tx: Tx, row: Insertable<PoolTable>): Promise<string> {
  const { id } = await tx.insertInto('pool').values(row).returning('id').executeTakeFirstOrThrow();
  return id;
}

/** The pool as it is afterwards; undefined when it is gone. */
export async function updatePool(
  tx: Tx,
  id: string,
  values: UpdateObject<Database, 'pool'>,
): Promise<PoolWithRelations | undefined> {
  await tx
    .updateTable('pool')
    .set({ ...values, updated_at: utcNow })
    .where('id', '=', id)
    .execute();
  return findPool(tx, id);
}

/** Sets the listeners of a pool to PENDING_UPDATE. */
export async function lockListenersOf(tx: Tx, poolId: string): Promise<void> {
  await tx
    .updateTable('listener')
    .set({ provisioning_status: 'PENDING_UPDATE', updated_at: utcNow })
    .where('default_pool_id', '=', poolId)
    .execute();
}

/** Sets an ACTIVE pool and its listeners to PENDING_UPDATE. False when the pool is not ACTIVE. */
export async function lockPool(tx: Tx, poolId: string): Promise<boolean> {
  const { rows } = await sql`
    with locked as (
      update pool set provisioning_status = 'PENDING_UPDATE', updated_at = ${utcNow}
      where id = ${poolId} and provisioning_status = 'ACTIVE' returning id),
    listeners as (
      update listener set provisioning_status = 'PENDING_UPDATE', updated_at = ${utcNow}
      from locked where listener.default_pool_id = locked.id)
    select id from locked`.execute(tx);
  return rows.length > 0;
}
