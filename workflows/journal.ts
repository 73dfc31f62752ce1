import type { StepOutcome, StepRecord } from '../model/operation.ts';
import { outcomeOf } from './failure.ts';

/** What a flow did: its steps and undos with their times, in the order in which they began. */
export class Journal {
  readonly #entries: StepRecord[] = [];

  get entries(): readonly StepRecord[] {
    return [...this.#entries];
  }

  /** Runs a step and notes how it went. Steps that still run are not in the journal. */
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
    const enter = (outcome: StepOutcome): void => {
      const entry = { ...what, startedAt: new Date(began).toISOString(), ms: Date.now() - began, outcome };
      const later = this.#entries.findIndex(({ startedAt }) => startedAt > entry.startedAt);
      this.#entries.splice(later < 0 ? this.#entries.length : later, 0, entry);
    };
    try {
      const result = await work();
      enter('done');
      return result;
    } catch (error) {
      enter(failed(error));
      throw error;
    }
  }
}
