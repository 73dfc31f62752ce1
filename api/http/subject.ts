/** The resource that a path names, and the answers that show it. */
import type { Db } from '../../db/database.ts';
import { ApiError, notFound } from '../../model/errors.ts';
import { authorize } from '../policy.ts';
import { normalizeUuid } from '../wire/scalars.ts';
import { values } from './list-query.ts';
import { pick, type View } from './list.ts';
import type { AnyCall, Answer } from './route.ts';

/** An id of a path, fit to ask the database for. Throws the 404 of `resource`, which is what Octavia says to any text. */
export function idOf(resource: string, text: string): string {
  const id = normalizeUuid(text);
  if (id === null || text.length !== id.length) throw notFound(resource, text);
  return id;
}

/** The row that was found. Throws the 404 of `resource`. */
export function found<T>(row: T | undefined, resource: string, id: string): T {
  if (row === undefined) throw notFound(resource, id);
  return row;
}

/** The row that the path names, for who may do this to it: existence is checked before the right, as upstream. */
export async function subjectOf<Row extends { readonly project_id: string }>(
  call: AnyCall,
  resource: string,
  text: string,
  find: (db: Db, id: string) => Promise<Row | undefined>,
): Promise<Row> {
  const id = idOf(resource, text);
  const row = found(await find(call.db, id), resource, id);
  authorize(call.identity, call.action, row.project_id);
  return row;
}

/** Shows one resource, with only those attributes that the query names. */
export function showOne(call: AnyCall, root: string, view: View): Answer {
  const fields = values(call.query, 'fields');
  return { status: 200, body: { [root]: pick(view, fields.length === 0 ? null : fields) } };
}

/** Throws the 400 of a query argument that a PUT or DELETE does not have. */
export function onlyArguments(call: AnyCall, ...known: readonly string[]): void {
  const unknown = Object.keys(call.query).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new ApiError(400, `Unknown argument: "${unknown}"`);
}
