import type { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { Gate } from './gate.ts';
import type { Names } from './names.ts';

/**
 * before: the step fails and does not run; after: it takes effect and its answer is lost; repeat: it runs twice;
 * cancel: the workflow is cancelled while the step runs, which ends well all the same; obey: it is, and the step ends as cancelled as
 * soon as it hears of it; hold: it waits to be let go before it runs;
 * refuse: every try fails, and may be tried again; lose: its first try never ends and says nothing any more, as when its worker
 * is lost; hang: nor does any other try.
 */
export type Mode = 'before' | 'after' | 'repeat' | 'cancel' | 'obey' | 'hold' | 'refuse' | 'lose' | 'hang';

export interface Fault {
  /** The step's name, as Names gives it. */
  readonly step: string;
  readonly mode: Mode;
  /** Every step that begins after the fault runs twice. */
  readonly thenTwice?: boolean;
  /** This step fails for good when it is called after the fault. */
  readonly thenStuck?: string;
  /** This step waits to be let go when it is called after the fault. */
  readonly thenHold?: string;
}

/** What an injector can do to the workflow besides meddling with its steps. */
export interface Grip {
  readonly cancel: () => Promise<void>;
  /** Beats until the step hears that it is cancelled, then fails as such a step does. A quick one on our own database never hears. */
  readonly cancelled: () => Promise<never>;
}

/** A try of a step, as its worker sees it. */
export interface Call {
  readonly activity: string;
  /** The same for every try of a step. */
  readonly activityId: string;
  readonly args: readonly unknown[];
  readonly isLocal: boolean;
}

/** Meddles with the steps of one workflow, and notes which ran. */
export class Injector {
  /** The steps, in the order in which they began, each once however often it was tried. */
  readonly steps: string[] = [];
  /** Those that began after the fault: what is undone, and what runs beside it. */
  readonly later: string[] = [];
  readonly #names: Names;
  readonly #fault: Fault | undefined;
  readonly #local = new Set<string>();
  readonly #byActivityId = new Map<string, string>();
  readonly #holding = new Gate();
  readonly #release = new Gate();
  #fired = false;
  #lost = false;

  constructor(names: Names, fault?: Fault) {
    this.#names = names;
    this.#fault = fault;
  }

  /** Resolves when the step with the fault `hold`, or the one that is to wait after it, waits. */
  get held(): Promise<void> {
    return this.#holding.opened;
  }

  /** Whether what was to go wrong has. */
  get fired(): boolean {
    return this.#fired;
  }

  /** Whether a step that ran is a quick one on our own database. */
  isLocal(step: string): boolean {
    return this.#local.has(step);
  }

  letGo(): void {
    this.#release.open();
  }

  /** Runs a try of a step. */
  async execute<I, O>(call: Call, input: I, next: (input: I) => Promise<O>, grip: Grip): Promise<O> {
    const step = this.note(call);
    if (step !== this.#fault?.step) return this.#afterwards(step, input, next);
    this.#fired = true;
    return this.#strike(this.#fault, input, next, grip);
  }

  /** Names a step when it is tried, whoever runs it. */
  note({ activity, activityId, args, isLocal }: Call): string {
    const known = this.#byActivityId.get(activityId);
    if (known !== undefined) return known;
    const name = this.#names.step(activity, args);
    const times = this.steps.filter((step) => step === name || step.startsWith(`${name} #`)).length;
    const step = times === 0 ? name : `${name} #${times + 1}`;
    this.#byActivityId.set(activityId, step);
    this.steps.push(step);
    if (isLocal) this.#local.add(step);
    if (this.#fired) this.later.push(step);
    return step;
  }

  async #afterwards<I, O>(step: string, input: I, next: (input: I) => Promise<O>): Promise<O> {
    if (!this.#fired) return next(input);
    if (step === this.#fault?.thenStuck) throw failure(`stuck in ${step}`, 'Stuck');
    if (step === this.#fault?.thenHold) await this.#wait();
    if (this.#fault?.thenTwice === true) await next(input);
    return next(input);
  }

  async #strike<I, O>({ step, mode }: Fault, input: I, next: (input: I) => Promise<O>, grip: Grip): Promise<O> {
    if (mode === 'before') throw failure(`injected into ${step}`, 'Injected');
    if (mode === 'cancel' || mode === 'obey') await grip.cancel();
    if (mode === 'obey') await grip.cancelled();
    if (mode === 'hold') await this.#wait();
    if (mode === 'refuse') throw ApplicationFailure.retryable(`injected into ${step}`, 'Injected');
    if (mode === 'hang' || (mode === 'lose' && !this.#lost)) await this.#lose();
    const result = await next(input);
    if (mode === 'after') throw failure(`injected into ${step}`, 'Injected');
    return mode === 'repeat' ? next(input) : result;
  }

  #lose(): Promise<void> {
    this.#lost = true;
    return this.#release.opened;
  }

  #wait(): Promise<void> {
    this.#holding.open();
    return this.#release.opened;
  }
}

const failure = (message: string, type: string) => ApplicationFailure.nonRetryable(message, type);

/** Temporal tells a step that it is cancelled in answer to a heartbeat. */
async function untilCancelled(context: Context): Promise<never> {
  const timer = setInterval(() => context.heartbeat(), 100);
  try {
    return await context.cancelled;
  } finally {
    clearInterval(timer);
  }
}

/** Gives each workflow's steps to the injector that was set for it. */
export class Injectors {
  readonly #byWorkflow = new Map<string, Injector>();
  readonly #cancel: (workflowId: string) => Promise<void>;

  constructor(cancel: (workflowId: string) => Promise<void>) {
    this.#cancel = cancel;
  }

  set(workflowId: string, injector: Injector): void {
    this.#byWorkflow.set(workflowId, injector);
  }

  get(workflowId: string): Injector | undefined {
    return this.#byWorkflow.get(workflowId);
  }

  readonly interceptor: ActivityInterceptorsFactory = (context) => ({
    inbound: {
      execute: (input, next) => {
        const { info } = context;
        const workflowId = info.workflowExecution?.workflowId ?? '';
        const injector = this.#byWorkflow.get(workflowId);
        if (injector === undefined) return next(input);
        const call = {
          activity: info.activityType,
          activityId: info.activityId,
          args: input.args,
          isLocal: info.isLocal,
        };
        const grip = { cancel: () => this.#cancel(workflowId), cancelled: () => untilCancelled(context) };
        return injector.execute(call, input, next, grip);
      },
    },
  });
}
