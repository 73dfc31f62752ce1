/**
 * Steps with undos. The undo of a step is on record before the step runs, so that a step which took effect and lost its
 * answer is undone too. On failure or cancellation the undos run last-in first-out, shielded from cancellation.
 */
import {
  CancellationScope,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  type ActivityOptions,
  type LocalActivityOptions,
} from '@temporalio/workflow';
import type { Activities } from '../activities/activities.ts';
import { quoted } from '../model/markdown.ts';
import type { OperationInput, StepNow, StepRecord } from '../model/operation.ts';
import { detach } from './clean-up/detach.ts';
import { reasonOf } from './failure.ts';
import { Journal } from './journal.ts';
import { policiesOf, type Policies } from './policies.ts';

/** A call of an activity, as data: it can be handed to the clean-up flow when its own flow cannot wait for it. */
export interface Call {
  readonly name: string;
  readonly activity: keyof Activities;
  readonly args: readonly unknown[];
  readonly taskQueue?: string;
}

type Run<T> = (activities: Activities) => Promise<T>;
type Undo = (activities: Activities) => Promise<unknown>;

/** Runs one step: `name` is what the Temporal UI shows, `undo` is recorded before `run` is called. */
type Step = <T>(name: string, run: Run<T>, undo?: Undo) => Promise<T>;

/**
 * The kinds of step, by what they talk to; each has its time-outs and retries in policies.ts. A database step is over in
 * milliseconds and is not cancelled: a cancelled flow ends at its next other step.
 */
export interface Steps {
  readonly database: Step;
  /** Networks and ports: a call to a cloud's API, or rows of our own. */
  readonly network: Step;
  readonly compute: Step;
  readonly boot: Step;
  readonly agentWait: Step;
  readonly amphora: Step;
  /** The same in a failover. */
  readonly amphoraFailover: Step;
  /** The same steps on the task queue of a compute host. */
  on(taskQueue: string): Steps;
  /** The point of no return: what was done so far stays, even if the flow fails later. */
  keep(): void;
}

/** Notes down which activity an undo calls, without calling it. */
function record(name: string, undo: Undo, taskQueue: string | undefined): Call {
  const calls: Call[] = [];
  const recorder = new Proxy({} as Activities, {
    get:
      (_, activity) =>
      (...args: unknown[]) => {
        calls.push({
          name,
          activity: activity as keyof Activities,
          args,
          ...(taskQueue !== undefined && { taskQueue }),
        });
        return Promise.resolve();
      },
  });
  void undo(recorder);
  const [call] = calls;
  if (call === undefined || calls.length > 1) throw new Error(`the undo of "${name}" must call one activity`);
  return call;
}

/** Runs a recorded call under a policy. */
export async function invoke(call: Call, policy: ActivityOptions): Promise<unknown> {
  const activities = proxyActivities<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>({
    ...policy,
    summary: call.name,
    ...(call.taskQueue !== undefined && { taskQueue: call.taskQueue }),
  });
  return activities[call.activity]?.(...call.args);
}

/** The steps taken so far and how to take them back. */
export class Saga {
  readonly #undos: Call[] = [];
  readonly #quickNetwork: boolean;
  readonly #policies: Policies;
  readonly #journal = new Journal();
  readonly steps: Steps;

  constructor({ quickNetwork, retries }: Pick<OperationInput, 'quickNetwork' | 'retries'>) {
    this.#quickNetwork = quickNetwork;
    this.#policies = policiesOf(retries);
    this.steps = this.#stepsOn(undefined);
  }

  #stepsOn(taskQueue: string | undefined): Steps {
    const policies = this.#policies;
    const queue = taskQueue !== undefined && { taskQueue, ...policies.hostQueue };
    const remote =
      (policy: ActivityOptions): Step =>
      (name, run, undo) =>
        this.#take(
          name,
          () => run(proxyActivities<Activities>({ ...policy, ...queue, summary: name })),
          undo,
          taskQueue,
        );
    const local = (policy: LocalActivityOptions): Step => {
      return (name, run, undo) => {
        const activities = proxyLocalActivities<Activities>({ ...policy, summary: name });
        return this.#take(name, () => CancellationScope.nonCancellable(() => run(activities)), undo, undefined);
      };
    };
    return {
      database: local(policies.database),
      network: this.#quickNetwork ? local(policies.database) : remote(policies.networking),
      compute: remote(policies.compute),
      boot: remote(policies.boot),
      agentWait: remote(policies.agentWait),
      amphora: remote(policies.amphora),
      amphoraFailover: remote(policies.amphoraFailover),
      on: (other) => this.#stepsOn(other),
      keep: () => void this.#undos.splice(0),
    };
  }

  async #take<T>(
    name: string,
    run: () => Promise<T>,
    undo: Undo | undefined,
    taskQueue: string | undefined,
  ): Promise<T> {
    if (undo !== undefined) this.#undos.push(record(`undo: ${name}`, undo, taskQueue));
    setCurrentDetails(`**${name}**`);
    return this.#journal.step(name, run);
  }

  /** What was done so far, undos included. */
  get journal(): readonly StepRecord[] {
    return this.#journal.entries;
  }

  /** The same, with what is under way. */
  get now(): readonly StepNow[] {
    return this.#journal.now;
  }

  /**
   * Takes everything back, newest first. An undo that fails for good, or cannot finish in its time, is handed with all that
   * come after it to a clean-up flow that keeps trying: nobody waits for it.
   */
  async unwind(cause: unknown): Promise<Unwound> {
    const pending = this.#undos.splice(0).toReversed();
    for (const [at, call] of pending.entries()) {
      setCurrentDetails(`failed: ${quoted(reasonOf(cause))}\n\nunwinding: **${call.name}**`);
      try {
        await this.#journal.undo(call.name, () => invoke(call, this.#policies.undo));
      } catch (stuck) {
        const left = pending.slice(at);
        await detach(left, reasonOf(cause), stuck);
        return { left: left.map(({ name }) => name), stuck };
      }
    }
    return { left: [], stuck: null };
  }
}

/** What an unwinding could not take back, and the failure of the first of it. */
export interface Unwound {
  readonly left: readonly string[];
  readonly stuck: unknown;
}

/** Runs `work` for each item side by side. When one fails the others are cancelled and waited for, so that nothing runs while the flow unwinds. */
export async function all<I, T>(items: readonly I[], work: (item: I) => Promise<T>): Promise<T[]> {
  return CancellationScope.cancellable(async () => {
    const scope = CancellationScope.current();
    const running = items.map((item) => work(item));
    let first: Promise<T> | undefined;
    for (const one of running)
      one.catch((error: unknown) => {
        if (!isCancellation(error)) first ??= one;
        scope.cancel();
      });
    await Promise.allSettled(running);
    return first === undefined ? Promise.all(running) : [await first];
  });
}
