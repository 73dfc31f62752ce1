/** Differences up to this come from slow answers and from clocks that are being slewed, ms. */
const toleranceMs = 5_000;

/** The database's clock was set: how long ago something was heard of cannot be told. */
export class ClockSet extends Error {
  override readonly name = 'ClockSet';
}

/** Notices that a clock was set, by one that never is (performance.now()). */
export class ClockWatch {
  #offset: number | undefined;

  /** Whether the watched clock has jumped since the last reading, forward or back. Both in ms. */
  jumped(watchedMs: number, steadyMs: number): boolean {
    const offset = watchedMs - steadyMs;
    const before = this.#offset ?? offset;
    this.#offset = offset;
    return Math.abs(offset - before) > toleranceMs;
  }
}
