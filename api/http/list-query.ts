/** The query of a list: page, order, fields and filters (Octavia: api/common/pagination.py, api/v2/controllers/base.py). */
import type { Expression, SqlBool } from 'kysely';
import { equals, tagConditions, type ListTable, type PageRequest, type SortKey } from '../../db/page.ts';
import { ApiError, invalidFilter } from '../../model/errors.ts';
import { isTrue } from '../wire/scalars.ts';

type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface ListQuery {
  readonly page: PageRequest;
  readonly fields: readonly string[] | null;
  /** What Octavia's links repeat: the limit in force and the order asked for, but no filter. */
  readonly linkPrefix: string;
  /** All that was asked but the place, with the limit in force. */
  readonly wholePrefix: string;
  readonly projectId: string | null;
}

const reserved = new Set(['limit', 'marker', 'page_reverse', 'sort', 'sort_key', 'sort_dir', 'fields', 'project_id']);

export function values(query: Query, name: string): readonly string[] {
  const value = query[name];
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

const words = (query: Query, name: string): string[] => values(query, name).flatMap((value) => value.split(','));

/** The page's size: null for no limit. Throws the `plain` 400. */
function limitOf(query: Query, maximum: number): number | null {
  const [asked] = values(query, 'limit');
  if (asked === undefined) return maximum;
  if (asked === 'infinite') return null;
  if (!/^\s*[+-]?\d+\s*$/.test(asked)) {
    throw new ApiError(400, `Supplied pagination limit '${asked}' is not valid.`, 'plain');
  }
  const limit = Number(asked);
  return limit < 1 ? null : Math.min(limit, maximum);
}

function directionOf(word: string): 'asc' | 'desc' {
  if (word === 'asc' || word === 'desc') return word;
  throw new ApiError(400, `Supplied sort direction '${word}' is not valid.`, 'plain');
}

function sortKeys(query: Query): SortKey[] {
  const [sort] = values(query, 'sort');
  if (sort !== undefined) {
    return sort.split(',').map((item) => {
      const [key = '', direction = 'asc'] = item.trim().split(':');
      return { key, direction: directionOf(direction) };
    });
  }
  const directions = words(query, 'sort_dir').map(directionOf);
  return words(query, 'sort_key').map((key, index) => ({ key, direction: directions[index] ?? 'asc' }));
}

function sortOf(query: Query, list: ListTable): SortKey[] {
  const keys = sortKeys(query);
  for (const { key } of keys) {
    if (!Object.hasOwn(list.columns, key)) throw new ApiError(400, `Supplied sort key '${key}' is not valid.`);
  }
  return keys;
}

function filtersOf(query: Query, list: ListTable): Expression<SqlBool>[] {
  return Object.keys(query)
    .filter((name) => !reserved.has(name))
    .map((name) => filter(name, query, list));
}

function filter(name: string, query: Query, list: ListTable): Expression<SqlBool> {
  if (Object.hasOwn(tagConditions, name)) {
    if (list.untagged === true) throw invalidFilter();
    return tagConditions[name as keyof typeof tagConditions](list.table, words(query, name));
  }
  const column = Object.hasOwn(list.columns, name) ? list.columns[name] : undefined;
  const [value, ...more] = values(query, name);
  if (column === undefined || value === undefined || more.length > 0) throw invalidFilter();
  return equals(list.table, column, column.kind === 'boolean' ? String(isTrue(value)) : value);
}

function linkPrefixOf(query: Query, limit: number | null): string {
  const sort = values(query, 'sort').map((value) => `&sort=${value}`);
  const sortKey = values(query, 'sort_key').map((value) => `&sort_key=${value}`);
  return `limit=${limit ?? 'None'}${[...sort, ...sortKey].join('')}`;
}

function wholePrefixOf(query: Query, limit: number | null): string {
  const names = Object.keys(query).filter((name) => !['limit', 'marker', 'page_reverse'].includes(name));
  const pairs = names.flatMap((name) => values(query, name).map((value): [string, string] => [name, value]));
  return new URLSearchParams([['limit', String(limit ?? 'infinite')], ...pairs]).toString();
}

/** PostgreSQL takes no NUL in a text, so no row holds one. */
function refuseNul(query: Query): void {
  if (Object.keys(query).some((name) => values(query, name).some((value) => value.includes('\0'))))
    throw invalidFilter();
}

/** Reads the query of a list. Throws ApiError. `maximum` rows stand on a page at most. */
export function parseListQuery(query: Query, list: ListTable, maximum: number): ListQuery {
  refuseNul(query);
  const limit = limitOf(query, maximum);
  const [marker] = values(query, 'marker');
  const fields = values(query, 'fields');
  const page: PageRequest = {
    sort: sortOf(query, list),
    conditions: filtersOf(query, list),
    limit,
    marker: marker ?? null,
    reverse: values(query, 'page_reverse')[0] === 'True',
  };
  return {
    page,
    fields: fields.length === 0 ? null : fields,
    linkPrefix: linkPrefixOf(query, limit),
    wholePrefix: wholePrefixOf(query, limit),
    projectId: values(query, 'project_id')[0] ?? null,
  };
}
