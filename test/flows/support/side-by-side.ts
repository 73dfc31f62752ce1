/** Lets so many pieces of work run at a time, in the order in which they were brought. */
export class Lanes {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  /** Runs the work as soon as a lane is free. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}

/** Runs all the work, `atOnce` pieces at a time, and returns the results in order. */
export function sideBySide<T>(work: readonly (() => Promise<T>)[], atOnce: number): Promise<readonly T[]> {
  const lanes = new Lanes(atOnce);
  return Promise.all(work.map((piece) => lanes.run(piece)));
}
