/** Exchanges recorded from a real Octavia, and what must be equal in an answer of ours. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Exchange {
  /** The file's name without its ending: `051-lb-create`. */
  readonly name: string;
  readonly user: string | null;
  readonly request: {
    readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
  readonly response: { readonly status: number; readonly body: unknown };
}

const folder = join(import.meta.dirname, 'exchanges');

/** All exchanges, in the order in which they were made. */
export function readExchanges(): Exchange[] {
  return readdirSync(folder)
    .sort()
    .map((file) => {
      const { user, request, response } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Exchange;
      return { name: file.replace(/\.json$/, ''), user, request, response };
    });
}

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$/;

/** Ids that the recorder made up itself: the same in every run. */
const isMadeUp = (id: string): boolean => id.startsWith('5e0c2a4e-2f9b') || id.startsWith('00000000-0000');

/** The ids of the recording and ours. */
export class IdMap {
  readonly #ours = new Map<string, string>();

  /** A text of the recording with our ids in it. */
  translate(text: string): string {
    return text.replaceAll(uuid, (id) => this.#ours.get(id) ?? id);
  }

  /** Learns the ids of an answer from those at the same place of the recorded one. */
  learn(recorded: unknown, answered: unknown): void {
    if (typeof recorded === 'string' && typeof answered === 'string') {
      if (recorded.match(uuid)?.[0] !== recorded || isMadeUp(recorded) || this.#ours.has(recorded)) return;
      this.#ours.set(recorded, answered);
    }
    if (typeof recorded !== 'object' || recorded === null || typeof answered !== 'object' || answered === null) return;
    for (const [key, value] of Object.entries(recorded)) this.learn(value, counterpart(answered, key, value));
  }
}

/** What stands at the same place: for an item of a list the one of the same name, since children come in any order. */
function counterpart(answered: object, key: string, recorded: unknown): unknown {
  const name = nameOf(recorded);
  const named = Array.isArray(answered) && name !== '' ? answered.find((item) => nameOf(item) === name) : undefined;
  return (named as unknown) ?? (answered as Record<string, unknown>)[key];
}

function nameOf(item: unknown): string {
  return typeof item === 'object' && item !== null && 'name' in item && typeof item.name === 'string' ? item.name : '';
}

const words = /(Value should be one of: )(.*)$/;
const sortedWords = (text: string): string =>
  text.replace(words, (_all, start: string, list: string) => start + list.split(', ').sort().join(', '));

const ofUnknownOrder = new Set(['listeners', 'pools', 'members']);
const byId = (a: unknown, b: unknown): number => JSON.stringify(a).localeCompare(JSON.stringify(b));

/**
 * What is compared of an answer: times as such, children in no particular order (Octavia reads them without one), the
 * words of a set sorted.
 */
export function comparable(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return timestamp.test(value) ? '<time>' : sortedWords(value);
  if (Array.isArray(value)) {
    const items = value.map((item) => comparable(item));
    return ofUnknownOrder.has(key) && items.every((item) => typeof item === 'object' && item !== null && 'id' in item)
      ? items.sort(byId)
      : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, comparable(item, name)]));
}
