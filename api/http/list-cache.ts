/**
 * Rendered lists, kept for as long as nothing was committed. A list is stored with the snapshot of the statement that
 * read it; it may be answered again when a new statement sees the same snapshot, since then the same rows are visible.
 */
import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';

interface Entry {
  readonly snapshot: string;
  readonly text: string;
}

export interface Rendered {
  readonly snapshot: string;
  readonly text: string;
}

export class ListCache {
  readonly #db: Db;
  readonly #capacity: number;
  readonly #entries = new Map<string, Entry>();
  #next: Promise<string> | null = null;
  #running: Promise<unknown> = Promise.resolve();

  constructor(db: Db, capacity = 200) {
    this.#db = db;
    this.#capacity = capacity;
  }

  /** The list under `key`: the kept one while it is current, else what `render` gives. */
  async get(key: string, render: () => Promise<Rendered>): Promise<string> {
    const kept = this.#entries.get(key);
    if (kept !== undefined && kept.snapshot === (await this.#currentSnapshot())) return kept.text;
    const rendered = await render();
    this.#keep(key, rendered);
    return rendered.text;
  }

  #keep(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#capacity && oldest !== undefined) this.#entries.delete(oldest);
  }

  /** The snapshot that a statement sees which begins after this call. Requests that wait at the same time share one statement. */
  #currentSnapshot(): Promise<string> {
    this.#next ??= this.#running.then(() => {
      this.#next = null;
      const asked = this.#ask();
      this.#running = asked.catch(() => undefined);
      return asked;
    });
    return this.#next;
  }

  async #ask(): Promise<string> {
    const { rows } = await sql<{ snapshot: string }>`select pg_current_snapshot()::text as snapshot`.execute(this.#db);
    return rows[0]?.snapshot ?? '';
  }
}
