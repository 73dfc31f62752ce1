/** What the resources share: how a row becomes what a client reads, and how an id becomes a row. */
import { idExists, notFound } from '../../model/errors.ts';
import { normalizeUuid } from '../wire/scalars.ts';

/** `2026-11-21 10:00:08.197419` of the database as ISO 8601 without zone. */
export function time(value: string): string;
export function time(value: string | null): string | null;
export function time(value: string | null): string | null {
  return value === null ? null : value.replace(' ', 'T');
}

export const references = (ids: readonly string[]): { id: string }[] => ids.map((id) => ({ id }));

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

/** Tags as they are stored: sorted. Octavia keeps them in a table where a second one of the same text is refused with a 409. */
export function tagsOf(tags: readonly string[] | null | undefined): string[] {
  const sorted = [...(tags ?? [])].sort();
  if (new Set(sorted).size !== sorted.length) throw idExists();
  return sorted;
}

/** Only the entries that have a value: what an update writes. */
export function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

/** What an update writes for a field that null resets: absent stays absent. */
export function resetTo<T>(value: T | null | undefined, fallback: T): T | undefined {
  return value === null ? fallback : value;
}
