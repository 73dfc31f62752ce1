/** Health monitors as the API reads and writes them. */
import type { Insertable, UpdateObject } from 'kysely';
import type { Db, Tx } from './database.ts';
import { utcNow } from './operation.ts';
import { commonColumns, currentSnapshot, paged, type ListTable, type Page } from './page.ts';
import type { Database, HealthMonitorRow, HealthMonitorTable } from './schema.ts';

export const healthMonitorList = {
  table: 'health_monitor',
  columns: {
    ...commonColumns,
    pool_id: { column: 'pool_id', kind: 'uuid' },
    type: { column: 'type', kind: 'text' },
    delay: { column: 'delay', kind: 'integer' },
    timeout: { column: 'timeout', kind: 'integer' },
    max_retries: { column: 'max_retries', kind: 'integer' },
    max_retries_down: { column: 'max_retries_down', kind: 'integer' },
    http_method: { column: 'http_method', kind: 'text', nullable: true },
    url_path: { column: 'url_path', kind: 'text', nullable: true },
    expected_codes: { column: 'expected_codes', kind: 'text', nullable: true },
    http_version: { column: 'http_version', kind: 'float', nullable: true },
    domain_name: { column: 'domain_name', kind: 'text', nullable: true },
  },
} as const satisfies ListTable;

export function findHealthMonitor(db: Db, id: string): Promise<HealthMonitorRow | undefined> {
  return db.selectFrom('health_monitor').selectAll().where('id', '=', id).executeTakeFirst();
}

export function listHealthMonitors(db: Db, page: Page): Promise<(HealthMonitorRow & { snapshot: string })[]> {
  return paged(db.selectFrom('health_monitor').selectAll().select(currentSnapshot.as('snapshot')), page).execute();
}

export function insertHealthMonitor(tx: Tx, row: Insertable<HealthMonitorTable>): Promise<HealthMonitorRow> {
  return tx.insertInto('health_monitor').values(row).returningAll().executeTakeFirstOrThrow();
}

export function updateHealthMonitor(
  tx: Tx,
  id: string,
  values: UpdateObject<Database, 'health_monitor'>,
): Promise<HealthMonitorRow | undefined> {
  return tx
    .updateTable('health_monitor')
    .set({ ...values, updated_at: utcNow })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
}
