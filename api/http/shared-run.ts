/**
 * Work whose result many callers share. Who asks while a run is under way gets the result of the next one, which begins
 * after the question: nobody is given what was read before.
 */
export class SharedRun<T> {
  readonly #work: () => Promise<T>;
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<T> | null = null;

  constructor(work: () => Promise<T>) {
    this.#work = work;
  }

  run(): Promise<T> {
    this.#next ??= this.#running.then(() => {
      this.#next = null;
      const result = this.#work();
      this.#running = result.catch(() => undefined);
      return result;
    });
    return this.#next;
  }
}
