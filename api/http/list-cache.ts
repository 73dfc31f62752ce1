/**
 * Rendered lists, kept for as long as nothing was committed. A list is stored with the snapshot of the statement that
 * read it; it may be answered again when a new statement sees the same snapshot, since then the same rows are visible.
 */
import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import { SharedRun } from './shared-run.ts';

export interface Rendered {
  /** Empty for a list that must not be kept. */
  readonly snapshot: string;
  /** JSON. */
  readonly body: Buffer;
}

interface Entry {
  kept: Rendered | null;
  readonly render: SharedRun<Rendered>;
}

export class ListCache {
  readonly #capacity: number;
  readonly #entries = new Map<string, Entry>();
  readonly #snapshot: SharedRun<string>;

  constructor(db: Db, capacity = 64) {
    this.#capacity = capacity;
    this.#snapshot = new SharedRun(() => currentSnapshot(db));
  }

  /** The list under `key`: the kept one while it is current, else what `render` gives. */
  async get(key: string, render: () => Promise<Rendered>): Promise<Buffer> {
    const entry = this.#entryOf(key, render);
    const { kept } = entry;
    if (kept !== null && kept.snapshot === (await this.#snapshot.run())) return kept.body;
    const rendered = await entry.render.run();
    entry.kept = rendered.snapshot === '' ? null : rendered;
    return rendered.body;
  }

  /** The entry of `key`, now the youngest; the oldest one gives way. */
  #entryOf(key: string, render: () => Promise<Rendered>): Entry {
    const entry = this.#entries.get(key) ?? { kept: null, render: new SharedRun(render) };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#capacity && oldest !== undefined) this.#entries.delete(oldest);
    return entry;
  }
}

async function currentSnapshot(db: Db): Promise<string> {
  const { rows } = await sql<{ snapshot: string }>`select pg_current_snapshot()::text as snapshot`.execute(db);
  return rows[0]?.snapshot ?? '';
}
