import type { Logger } from '../config/log.ts';

/** Warns of each kind of trouble at most once in an interval, and says how often it was met: anyone can send datagrams. */
export class Complaints {
  readonly #log: Logger;
  readonly #intervalMs: number;
  readonly #kinds = new Map<string, { silentUntil: number; unsaid: number }>();

  constructor(log: Logger, intervalMs = 10_000) {
    this.#log = log;
    this.#intervalMs = intervalMs;
  }

  /** `now`: monotonic, ms. */
  note(message: string, details: Readonly<Record<string, unknown>>, now: number = performance.now()): void {
    const kind = this.#kinds.get(message) ?? { silentUntil: -Infinity, unsaid: 0 };
    if (now < kind.silentUntil) {
      kind.unsaid += 1;
      return;
    }
    this.#log.warn({ ...details, ...(kind.unsaid > 0 && { unsaidBefore: kind.unsaid }) }, message);
    this.#kinds.set(message, { silentUntil: now + this.#intervalMs, unsaid: 0 });
  }
}
