import { RandomIdGenerator, type IdGenerator } from '@opentelemetry/sdk-trace';

interface Choice {
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
}

/** Random ids, except for a span whose ids are known beforehand. */
export class ChosenIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #choice: Choice = {};

  /** The spans that `start` begins, before it returns, have these ids. */
  choosing<T>(choice: Choice, start: () => T): T {
    this.#choice = choice;
    try {
      return start();
    } finally {
      this.#choice = {};
    }
  }

  generateTraceId(): string {
    return this.#choice.traceId ?? this.#random.generateTraceId();
  }

  generateSpanId(): string {
    return this.#choice.spanId ?? this.#random.generateSpanId();
  }
}
