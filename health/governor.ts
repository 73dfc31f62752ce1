/** Keeps failover from doing harm: a pace for single losses, a breaker for many at once. */
import type { Census } from '../db/amphora-health.ts';

export interface BreakerLimits {
  /** Losses at once that are always believed. */
  readonly min: number;
  /** Share of all amphorae, in percent, beyond which a loss is not believed. */
  readonly percent: number;
}

/**
 * True when so many amphorae are silent at once that the fault is rather the network's or ours than theirs; replacing them
 * all would make an outage out of it (Octavia: [health_manager] failover_threshold, off by default there).
 */
export function isCorrelatedLoss({ known, stale }: Census, limits: BreakerLimits): boolean {
  return stale > Math.max(limits.min, (known * limits.percent) / 100);
}

/** A token bucket: `burst` at once, refilled at `perMinute`. Times are monotonic, ms. */
export class TokenBucket {
  readonly #perMinute: number;
  readonly #burst: number;
  #tokens: number;
  #at: number;

  constructor(perMinute: number, burst: number, now: number) {
    this.#perMinute = perMinute;
    this.#burst = burst;
    this.#tokens = Math.min(burst, perMinute);
    this.#at = now;
  }

  /** Whole tokens at hand. */
  available(now: number): number {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) * this.#perMinute) / 60_000);
    this.#at = now;
    return Math.floor(this.#tokens);
  }

  take(): void {
    this.#tokens -= 1;
  }
}
