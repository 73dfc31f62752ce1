import type { Logger } from '../log.ts';
import { readIfExists, writeFileAtomic } from '../process/files.ts';

/**
 * The lowest sequence numbers that are still taken of load balancers whose configuration was removed. They outlive the agent: an
 * operation that was overtaken may come back after it was started again.
 */
export class LeastSequences {
  readonly #path: () => string;
  readonly #log: Logger;
  #known: Map<string, number> | null = null;

  constructor(path: () => string, log: Logger) {
    this.#path = path;
    this.#log = log;
  }

  async of(id: string): Promise<number | null> {
    return (await this.#all()).get(id) ?? null;
  }

  /** Takes nothing below `sequence` any more. Holds for this process alone where the disk is full: a removal must not fail for that. */
  async raise(id: string, sequence: number): Promise<void> {
    const all = await this.#all();
    if (sequence <= (all.get(id) ?? 0)) return;
    all.set(id, sequence);
    try {
      await writeFileAtomic(this.#path(), JSON.stringify(Object.fromEntries(all)), 0o600);
    } catch (error) {
      this.#log.warn({ err: error, id, sequence }, 'cannot note which sequence numbers are not taken any more');
    }
  }

  async #all(): Promise<Map<string, number>> {
    this.#known ??= parse(await readIfExists(this.#path()));
    return this.#known;
  }
}

/** What is not of this form is not ours. */
function parse(text: string | null): Map<string, number> {
  try {
    const entries = Object.entries(JSON.parse(text ?? '{}') as Record<string, unknown>);
    return new Map(entries.filter((entry): entry is [string, number] => Number.isSafeInteger(entry[1])));
  } catch {
    return new Map();
  }
}
