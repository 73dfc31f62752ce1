import type { RunningStep, StepNow, StepOutcome, StepRecord } from '../model/operation.ts';
import { outcomeOf, reasonOf } from './failure.ts';

/** What a flow did: its steps and undos with their times, in the order in which they began. */
export class Journal {
  readonly #entries: StepRecord[] = [];
  readonly #running = new Set<RunningStep>();

  /** Those that are over. */
  get entries(): readonly StepRecord[] {
    return [...this.#entries];
  }

  /** Those that are over and those that run. */
  get now(): readonly StepNow[] {
    return [...this.#entries, ...this.#running].toSorted((one, other) => compare(one.startedAt, other.startedAt));
  }

  /** Runs a step and notes how it went. */
  async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.#note({ name, undo: false }, work, outcomeOf);
  }

  /** The same for the undo of one; an undo that cannot finish is handed over. */
  async undo(name: string, work: () => Promise<unknown>): Promise<void> {
    await this.#note({ name, undo: true }, work, () => 'handed over');
  }

  async #note<T>(
    what: Pick<StepRecord, 'name' | 'undo'>,
    work: () => Promise<T>,
    failed: (error: unknown) => StepOutcome,
  ): Promise<T> {
    const began = Date.now();
    const startedAt = new Date(began).toISOString();
    const running: RunningStep = { ...what, startedAt, outcome: 'running' };
    this.#running.add(running);
    const enter = (outcome: StepOutcome, failure?: string): void => {
      this.#running.delete(running);
      const entry = { ...what, startedAt, ms: Date.now() - began, outcome, ...(failure !== undefined && { failure }) };
      const later = this.#entries.findIndex((other) => other.startedAt > startedAt);
      this.#entries.splice(later < 0 ? this.#entries.length : later, 0, entry);
    };
    try {
      const result = await work();
      enter('done');
      return result;
    } catch (error) {
      enter(failed(error), reasonOf(error).slice(0, longestFailure));
      throw error;
    }
  }
}

/** Characters of a failure that a step keeps; the operation has all of it. */
const longestFailure = 500;

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));
