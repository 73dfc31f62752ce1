/** What the resources share: how a row becomes what a client reads and how a request becomes one. */
import { idExists } from '../../model/errors.ts';
import type { Type } from '../wire/type.ts';

/** `2026-11-21 10:00:08.197419` of the database as ISO 8601 without zone. */
export function time(value: string): string;
export function time(value: string | null): string | null;
export function time(value: string | null): string | null {
  return value === null ? null : value.replace(' ', 'T');
}

export const references = (ids: readonly string[]): { id: string }[] => ids.map((id) => ({ id }));

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

/** An object whose attributes are looked at elsewhere, or nowhere. */
export const anyObject: Type<unknown> = { schema: { type: 'object' }, parse: (value) => value };
