import { ApplicationFailure, patched } from '@temporalio/workflow';
import type {
  CleanUpAnswer,
  CleanUpCommand,
  CleanUpOrder,
  CleanUpProgress,
  CleanUpState,
} from '../../model/clean-up.ts';
import type { Cause } from '../../model/operation.ts';
import { causesOf, isFinal, isUntaken, reasonOf } from '../failure.ts';
import type { Call } from '../saga.ts';
import { pauseAfter, stuckAfter } from './pauses.ts';

/** Calls to make, and how far an earlier run of the same clean-up came. */
export interface CleanUpInput {
  readonly calls: readonly Call[];
  /** Why the flow failed that left them. */
  readonly reason: string;
  /** Why the first of them could not be made by the flow itself. */
  readonly failure?: readonly Cause[];
  readonly progress?: Omit<CleanUpProgress, 'calls' | 'reason'>;
  /** Whether that was because nobody took it: its host is down. */
  readonly untaken?: boolean;
  /** Events after which the workflow continues in a new run. */
  readonly eventsAtMost?: number;
  /** How long a try waits for a host that is down, if not as policies.ts says. */
  readonly hostWaitMs?: number;
}

/** What an operator has decided about the open call. */
interface Decision {
  readonly command: CleanUpCommand;
  readonly by: string;
  answer?: CleanUpAnswer;
}

const now = (): string => new Date(Date.now()).toISOString();

/** The state of a clean-up: which call is open, how its tries went, and what an operator said. */
export class Effort {
  readonly calls: readonly Call[];
  readonly reason: string;
  #state: CleanUpState;
  #wasStuck: boolean;
  #open: number;
  #adopted: readonly number[];
  #trying = false;
  #untaken: boolean;
  #tries: number;
  #since: string;
  #failure: readonly Cause[];
  #nextTryAt: string | null;
  #decision: Decision | null = null;

  constructor({ calls, reason, failure = [], untaken = false, progress }: CleanUpInput) {
    this.calls = calls;
    this.reason = reason;
    this.#state = progress?.state ?? 'trying';
    this.#wasStuck = progress?.wasStuck ?? false;
    this.#open = progress?.open ?? 1;
    this.#adopted = progress?.adopted ?? [];
    this.#untaken = untaken;
    this.#tries = progress?.tries ?? 0;
    this.#since = progress?.since ?? now();
    this.#failure = progress?.failure ?? failure;
    this.#nextTryAt = progress?.nextTryAt ?? null;
  }

  get progress(): CleanUpProgress {
    return {
      calls: this.calls,
      reason: this.reason,
      state: this.#state,
      wasStuck: this.#wasStuck,
      open: this.#open,
      adopted: this.#adopted,
      trying: this.#trying,
      waitsForHost: this.#trying && this.waitsForHost,
      tries: this.#tries,
      since: this.#since,
      failure: this.#failure,
      nextTryAt: this.#nextTryAt,
    };
  }

  /** The call that is open; undefined when all are done. */
  get call(): Call | undefined {
    return this.calls[this.#open - 1];
  }

  get decision(): Decision | null {
    return this.#decision;
  }

  /** Whether the host of the open call took no try so far: the next waits for it, unless an operator wants to know at once. */
  get waitsForHost(): boolean {
    return this.#untaken && this.call?.taskQueue !== undefined && this.#decision === null;
  }

  /** Milliseconds until the next try. */
  get pauseMs(): number {
    return this.#nextTryAt === null ? 0 : Math.max(0, Date.parse(this.#nextTryAt) - Date.now());
  }

  beginTry(): void {
    this.#trying = true;
    this.#nextTryAt = null;
  }

  /** The open call is done: on to the next. */
  succeed(): void {
    this.#advance('done');
  }

  fail(error: unknown): void {
    this.#trying = false;
    this.#tries += 1;
    this.#failure = causesOf(error);
    const waitedInVain = this.#untaken;
    this.#untaken = isUntaken(error) && patched('wait in the queue of a host');
    const pauseMs = this.#untaken ? 0 : pauseAfter(this.#tries) * 1000;
    this.#nextTryAt = new Date(Date.now() + pauseMs).toISOString();
    if (isFinal(error) || waitedInVain || this.#tries >= stuckAfter) this.#state = 'stuck';
    this.#wasStuck ||= this.#state === 'stuck';
    if (this.#decision?.command === 'retry') this.#answer('failed', reasonOf(error));
  }

  /** An operator did not wait for the end of a try that nobody had taken. */
  interrupt(): void {
    this.#trying = false;
  }

  /** The open call counts as done, because an operator says so. */
  adopt(): void {
    this.#adopted = [...this.#adopted, this.#open];
    this.#advance('adopted');
  }

  /** Nothing more is tried. Returns the failure that says what is left. */
  giveUp(): ApplicationFailure {
    const by = this.#decision?.by ?? 'an operator';
    this.#state = 'given up';
    this.#answer('given up', null);
    return ApplicationFailure.nonRetryable(`given up by ${by}; left undone: ${this.#left.join(', ')}`, 'GivenUp');
  }

  /** Whether a command may be taken. Throws an ApplicationFailure that says why it may not. */
  admit(command: CleanUpCommand, { call }: CleanUpOrder): void {
    const open = this.call;
    if (open === undefined) throw refusal('everything is cleaned up already');
    if (call !== this.#open) throw refusal(`call ${call} is not open: ${this.#whatBecameOf(call)}`);
    if (this.#decision !== null)
      throw refusal(`"${open.name}" was told to ${this.#decision.command} a moment ago; ${command} comes too late`);
  }

  decide(command: CleanUpCommand, { by }: CleanUpOrder): Decision {
    this.#decision = { command, by };
    return this.#decision;
  }

  #whatBecameOf(call: number): string {
    const name = this.calls[call - 1]?.name;
    if (name === undefined) return `there are ${this.calls.length} calls`;
    if (this.#adopted.includes(call)) return `"${name}" was adopted`;
    if (call < this.#open) return `"${name}" is done`;
    return `"${name}" comes after call ${this.#open}, "${this.call?.name}"`;
  }

  get #left(): readonly string[] {
    return this.calls.slice(this.#open - 1).map(({ name }) => name);
  }

  #advance(outcome: 'done' | 'adopted'): void {
    const name = this.call?.name ?? '';
    this.#open += 1;
    this.#state = this.call === undefined ? 'done' : 'trying';
    this.#trying = false;
    this.#untaken = false;
    this.#tries = 0;
    this.#since = now();
    this.#failure = [];
    this.#nextTryAt = null;
    this.#answer(outcome, null, name);
  }

  #answer(outcome: CleanUpAnswer['outcome'], failure: string | null, call = this.call?.name ?? ''): void {
    if (this.#decision !== null) this.#decision.answer = { outcome, call, failure, left: this.#left };
    this.#decision = null;
  }
}

function refusal(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'Refused');
}
