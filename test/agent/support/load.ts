import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface LoadResult {
  readonly answered: number;
  readonly failures: readonly string[];
  /** The longest time between two answers, or between the last one and the call to stop, in milliseconds. */
  readonly longestGapMs: number;
  /** How late the load's own process was woken at most, in milliseconds. */
  readonly latenessMs: number;
}

/**
 * How long one request may take, ms. Where none may be lost, longer than any machine stalls; where an address moves, so short
 * that nobody waits for the kernel to send a lost SYN again, which it does after a second.
 */
export const requestLimitMs = { whereNoneIsLost: 20_000, whereAnAddressMoves: 250 } as const;

/** Requests that go on in the clients' namespace while a test does something else. */
export class Load {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #ended: Promise<void>;
  /** Resolves with the first answer. */
  readonly started: Promise<void>;

  constructor(child: ChildProcess) {
    this.#child = child;
    if (child.stdout === null) throw new Error('the load has no output');
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => this.#lines.push(line));
    this.started = new Promise((resolve) => lines.once('line', () => resolve()));
    this.#ended = new Promise((resolve) => lines.once('close', resolve));
  }

  async stop(): Promise<LoadResult> {
    this.#child.stdin?.end();
    await this.#ended;
    return JSON.parse(this.#lines.at(-1) ?? '') as LoadResult;
  }
}
