/** Pages of a table: filters, order and place of a list, as SQL (Octavia: api/common/pagination.py). */
import { sql, type Expression, type RawBuilder, type SelectQueryBuilder, type SqlBool } from 'kysely';
import type { Db } from './database.ts';
import type { Database } from './schema.ts';

export type ColumnKind = 'text' | 'uuid' | 'integer' | 'float' | 'boolean' | 'timestamp';

/** A column that lists may be filtered and sorted by, under its API name. */
export interface ListColumn {
  readonly column: string;
  readonly kind: ColumnKind;
  readonly nullable?: boolean;
}

export interface ListTable {
  readonly table: keyof Database;
  readonly columns: Readonly<Record<string, ListColumn>>;
  /** Its rows have no tags. */
  readonly untagged?: boolean;
}

export interface SortKey {
  readonly key: string;
  readonly direction: 'asc' | 'desc';
}

export interface Page {
  readonly conditions: readonly Expression<SqlBool>[];
  readonly order: readonly Expression<unknown>[];
  /** Rows at most; null for all. */
  readonly limit: number | null;
}

export interface PageRequest {
  readonly conditions: readonly Expression<SqlBool>[];
  readonly sort: readonly SortKey[];
  readonly marker: string | null;
  readonly reverse: boolean;
  readonly limit: number | null;
}

/** The columns that every resource has. */
export const commonColumns = {
  id: { column: 'id', kind: 'uuid' },
  name: { column: 'name', kind: 'text' },
  project_id: { column: 'project_id', kind: 'text' },
  provisioning_status: { column: 'provisioning_status', kind: 'text' },
  operating_status: { column: 'operating_status', kind: 'text' },
  admin_state_up: { column: 'admin_state_up', kind: 'boolean' },
  created_at: { column: 'created_at', kind: 'timestamp' },
  updated_at: { column: 'updated_at', kind: 'timestamp', nullable: true },
} as const satisfies Record<string, ListColumn>;

const emptyOf: Readonly<Record<ColumnKind, RawBuilder<unknown>>> = {
  text: sql`''`,
  uuid: sql`'00000000-0000-0000-0000-000000000000'::uuid`,
  integer: sql`-2147483648`,
  float: sql`'-infinity'::float8`,
  boolean: sql`false`,
  timestamp: sql`'-infinity'::timestamp`,
};

/** A column as it is sorted by: text by its bytes, null before everything else. */
function sortable(table: string, { column, kind, nullable }: ListColumn): RawBuilder<unknown> {
  const value = sql.ref(`${table}.${column}`);
  const filled = nullable === true ? sql`coalesce(${value}, ${emptyOf[kind]})` : sql`${value}`;
  return kind === 'text' ? sql`(${filled} collate "C")` : filled;
}

/** Rows that come after the row `marker` in this order. */
function afterMarker(list: ListTable, sort: readonly SortKey[], marker: string): Expression<SqlBool> {
  const ofMarker = (column: ListColumn): RawBuilder<unknown> =>
    sql`(select ${sortable('marker', column)} from ${sql.table(list.table)} as marker where marker.id = ${marker})`;
  const compare = ({ key }: SortKey, operator: '=' | '<' | '>'): RawBuilder<SqlBool> => {
    const column = columnOf(list, key);
    return sql<SqlBool>`${sortable(list.table, column)} ${sql.raw(operator)} ${ofMarker(column)}`;
  };
  const alternatives = sort.map((key, index) => {
    const equal = sort.slice(0, index).map((before) => compare(before, '='));
    return sql`(${sql.join([...equal, compare(key, key.direction === 'asc' ? '>' : '<')], sql` and `)})`;
  });
  return sql<SqlBool>`(${sql.join(alternatives, sql` or `)})`;
}

function columnOf(list: ListTable, key: string): ListColumn {
  const column = list.columns[key];
  if (column === undefined) throw new Error(`no column for ${key}`);
  return column;
}

const flip = ({ key, direction }: SortKey): SortKey => ({ key, direction: direction === 'asc' ? 'desc' : 'asc' });

/** The page of `list` that was asked for; `created_at, id` are appended to its order. A reversed page comes last row first. */
export function pageOf(list: ListTable, request: PageRequest): Page {
  const keys = [...request.sort, { key: 'created_at', direction: 'asc' }, { key: 'id', direction: 'asc' }] as SortKey[];
  const sort = request.reverse ? keys.map(flip) : keys;
  const place = request.marker === null ? [] : [afterMarker(list, sort, request.marker)];
  return {
    conditions: [...request.conditions, ...place],
    order: sort.map(({ key, direction }) => sql`${sortable(list.table, columnOf(list, key))} ${sql.raw(direction)}`),
    limit: request.limit,
  };
}

export function paged<T extends keyof Database, O>(
  query: SelectQueryBuilder<Database, T, O>,
  page: Page,
): SelectQueryBuilder<Database, T, O> {
  let result = query;
  for (const condition of page.conditions) result = result.where(condition);
  for (const order of page.order) result = result.orderBy(order as RawBuilder<unknown>);
  return page.limit === null ? result : result.limit(page.limit);
}

export async function rowExists(db: Db, table: keyof Database, id: string): Promise<boolean> {
  const { rows } = await sql`select 1 from ${sql.table(table)} where id = ${id}`.execute(db);
  return rows.length > 0;
}

const uuidText = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const never = sql<SqlBool>`false`;

/** `column = value` for a value that came as text; a text that can be no value of the column matches nothing. */
export function equals(table: string, { column, kind }: ListColumn, value: string): Expression<SqlBool> {
  const ref = sql.ref(`${table}.${column}`);
  const conditions: Record<ColumnKind, () => Expression<SqlBool>> = {
    text: () => sql<SqlBool>`${ref} = ${value}`,
    uuid: () => (uuidText.test(value) ? sql<SqlBool>`${ref} = ${value}::uuid` : never),
    timestamp: () => sql<SqlBool>`${ref}::text = ${value.replace('T', ' ')}`,
    boolean: () => sql<SqlBool>`${ref} = ${value === 'true'}`,
    integer: () => sql<SqlBool>`${ref}::text = ${value}`,
    float: () => sql<SqlBool>`${ref}::text = ${value}`,
  };
  return conditions[kind]();
}

/** Conditions on the tags of a row. */
export const tagConditions = {
  tags: (table: string, tags: readonly string[]): Expression<SqlBool> =>
    sql<SqlBool>`${sql.ref(`${table}.tags`)} @> ${tags}::text[]`,
  'tags-any': (table: string, tags: readonly string[]): Expression<SqlBool> =>
    sql<SqlBool>`${sql.ref(`${table}.tags`)} && ${tags}::text[]`,
  'not-tags': (table: string, tags: readonly string[]): Expression<SqlBool> =>
    sql<SqlBool>`not ${sql.ref(`${table}.tags`)} @> ${tags}::text[]`,
  'not-tags-any': (table: string, tags: readonly string[]): Expression<SqlBool> =>
    sql<SqlBool>`not ${sql.ref(`${table}.tags`)} && ${tags}::text[]`,
} as const;

/** The snapshot that a statement sees, to select beside its rows. */
export const currentSnapshot = sql<string>`pg_current_snapshot()::text`;
