/** Operations as the API reads them. */
import { sql } from 'kysely';
import type { Db } from './database.ts';
import { currentSnapshot, paged, type ListTable, type Page } from './page.ts';
import type { OperationRow } from './schema.ts';

export const operationList = {
  table: 'operation',
  untagged: true,
  columns: {
    id: { column: 'id', kind: 'uuid' },
    kind: { column: 'kind', kind: 'text' },
    loadbalancer_id: { column: 'load_balancer_id', kind: 'uuid' },
    loadbalancer_name: { column: 'load_balancer_name', kind: 'text' },
    resource_type: { column: 'resource_type', kind: 'text' },
    resource_id: { column: 'resource_id', kind: 'uuid' },
    resource_name: { column: 'resource_name', kind: 'text' },
    project_id: { column: 'project_id', kind: 'text' },
    user_id: { column: 'user_id', kind: 'text', nullable: true },
    request_id: { column: 'request_id', kind: 'text', nullable: true },
    state: { column: 'state', kind: 'text' },
    created_at: { column: 'created_at', kind: 'timestamp' },
    started_at: { column: 'started_at', kind: 'timestamp', nullable: true },
    finished_at: { column: 'finished_at', kind: 'timestamp', nullable: true },
  },
} as const satisfies ListTable;

export function findOperation(db: Db, id: string): Promise<OperationRow | undefined> {
  return db.selectFrom('operation').selectAll().where('id', '=', id).executeTakeFirst();
}

/** The columns of a list. What was asked is not among them: it may be as long as a request. */
const listed = [
  'id',
  'load_balancer_id',
  'load_balancer_name',
  'sequence',
  'kind',
  'resource_type',
  'resource_id',
  'resource_name',
  'project_id',
  'user_id',
  'request_id',
  'arguments',
  'state',
  'reason',
  'causes',
  'steps',
  'created_at',
  'started_at',
  'finished_at',
] as const satisfies readonly (keyof OperationRow)[];

/** Operations without what was asked, which is null. */
export function listOperations(db: Db, page: Page): Promise<(OperationRow & { snapshot: string })[]> {
  const query = db
    .selectFrom('operation')
    .select(listed)
    .select(sql<null>`null`.as('asked'))
    .select(currentSnapshot.as('snapshot'));
  return paged(query, page).execute();
}
