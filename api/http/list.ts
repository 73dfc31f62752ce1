/** Answers a list: one statement for its page, links around it, kept while nothing changes. */
import type { Expression, SqlBool } from 'kysely';
import { pageOf, rowExists, equals, type ListTable, type Page } from '../../db/page.ts';
import type { Db } from '../../db/database.ts';
import { ApiError } from '../../model/errors.ts';
import { listScope } from '../policy.ts';
import { normalizeUuid } from '../wire/scalars.ts';
import { parseListQuery, type ListQuery } from './list-query.ts';
import type { Rendered } from './list-cache.ts';
import type { AnyCall, Answer } from './route.ts';

export type View = Readonly<Record<string, unknown>>;

/** A collection: where its rows are and what they look like. */
export interface Collection<Row> {
  readonly name: string;
  readonly links: string;
  readonly list: ListTable;
  readonly fetch: (db: Db, page: Page) => Promise<readonly (Row & { snapshot: string })[]>;
  readonly view: (row: Row, call: AnyCall) => View;
  /** Its links repeat the whole query, so that the next page is one of the same list. Octavia's lose the filters. */
  readonly wholeLinks?: true;
  /** Rows of a project, where it does not stand in the row itself. */
  readonly ofProject?: (projectId: string) => Expression<SqlBool>;
}

/** Only the attributes that the query names; unknown names give nothing. */
export function pick(view: View, fields: readonly string[] | null): View {
  if (fields === null) return view;
  return Object.fromEntries(Object.entries(view).filter(([name]) => fields.includes(name)));
}

interface Link {
  readonly href: string;
  readonly rel: 'previous' | 'next';
}

function linksOf(url: string, page: ListQuery['page'], ids: readonly string[]): Link[] {
  const [first] = ids;
  const last = ids.at(-1);
  const links: Link[] = [];
  if (page.marker !== null && first !== undefined) {
    links.push({ href: `${url}&marker=${first}&page_reverse=True`, rel: 'previous' });
  }
  if (last !== undefined && (page.limit === null || ids.length >= page.limit)) {
    links.push({ href: `${url}&marker=${last}`, rel: 'next' });
  }
  return links;
}

async function render<Row>(
  call: AnyCall,
  collection: Collection<Row>,
  query: ListQuery,
  page: Page,
): Promise<Rendered> {
  const rows = await collection.fetch(call.db, page);
  const ordered = query.page.reverse ? [...rows].reverse() : rows;
  const views = ordered.map((row) => collection.view(row, call));
  const ids = views.map((view) => String(view['id']));
  const prefix = collection.wholeLinks === true ? query.wholePrefix : query.linkPrefix;
  const body = {
    [collection.name]: views.map((view) => pick(view, query.fields)),
    [collection.links]: linksOf(`${call.href}?${prefix}`, query.page, ids),
  };
  return { snapshot: rows[0]?.snapshot ?? '', body: Buffer.from(JSON.stringify(body)) };
}

/** Octavia compares a marker with ids as text, so one that is written in another way names no row (common/pagination.py). */
async function checkMarker(call: AnyCall, list: ListTable, marker: string | null): Promise<void> {
  if (marker === null) return;
  if (normalizeUuid(marker) === marker.toLowerCase() && (await rowExists(call.db, list.table, marker))) return;
  throw new ApiError(400, `Supplied pagination marker '${marker}' is not valid.`);
}

/** Answers the list that `call` asks for, narrowed to the rows of `parent` for a nested one. */
export async function answerList<Row>(
  call: AnyCall,
  collection: Collection<Row>,
  parent?: { readonly key: string; readonly id: string },
): Promise<Answer> {
  const { list } = collection;
  const query = parseListQuery(call.query, list, call.settings.paginationMaxLimit);
  const project = listScope(call.identity, call.action, query.projectId);
  await checkMarker(call, list, query.page.marker);
  const scope = [
    ...(project === null ? [] : [ofProject(collection, project)]),
    ...(parent === undefined ? [] : [equals(list.table, columnNamed(list, parent.key), parent.id)]),
  ];
  const page = pageOf(list, { ...query.page, conditions: [...scope, ...query.page.conditions] });
  // What rows show may depend on who asks.
  const reader = call.identity.isAdmin ? 'admin' : `project ${call.identity.projectId}`;
  const key = `${reader} ${project ?? ''} ${call.href} ${call.url}`;
  return { status: 200, text: await call.lists.get(key, () => render(call, collection, query, page)) };
}

function ofProject<Row>({ list, ofProject }: Collection<Row>, project: string): Expression<SqlBool> {
  return ofProject?.(project) ?? equals(list.table, columnNamed(list, 'project_id'), project);
}

function columnNamed(list: ListTable, name: string): ListTable['columns'][string] {
  const column = list.columns[name];
  if (column === undefined) throw new Error(`${list.table} has no column for ${name}`);
  return column;
}
