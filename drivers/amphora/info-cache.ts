import type { AmphoraInfo } from './contract.ts';

interface Entry {
  readonly info: AmphoraInfo;
  /** ms, of a clock that never goes back. */
  readonly until: number;
}

/** What agents told of themselves lately: the version of HAProxy changes with the image only, so an edit need not ask each time. */
export class InfoCache {
  readonly #ttl: number;
  readonly #entries = new Map<string, Entry>();

  /** `ttl` in ms. */
  constructor(ttl: number) {
    this.#ttl = ttl;
  }

  recall(amphoraId: string): AmphoraInfo | null {
    const entry = this.#entries.get(amphoraId);
    return entry !== undefined && performance.now() < entry.until ? entry.info : null;
  }

  remember(amphoraId: string, info: AmphoraInfo): void {
    const now = performance.now();
    for (const [id, { until }] of this.#entries) if (until <= now) this.#entries.delete(id);
    this.#entries.set(amphoraId, { info, until: now + this.#ttl });
  }
}
