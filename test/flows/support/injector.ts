import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';

export interface Fault {
  /** The step's place in the flow, 0 for the first. */
  readonly at: number;
  /** before: the step does not run; after: it takes effect and its answer is lost; repeat: it runs twice. */
  readonly mode: 'before' | 'after' | 'repeat';
}

/** Meddles with the steps of one workflow, and notes which ran. */
export class Injector {
  /** The steps of the flow, in order, each once however often it was tried. */
  readonly steps: string[] = [];
  readonly #places = new Map<string, number>();
  readonly #fault: Fault | undefined;

  constructor(fault?: Fault) {
    this.#fault = fault;
  }

  async execute<I, O>(step: string, key: string, input: I, next: (input: I) => Promise<O>): Promise<O> {
    const place = this.#places.get(key) ?? this.steps.push(step) - 1;
    this.#places.set(key, place);
    const mode = place === this.#fault?.at ? this.#fault.mode : 'none';
    if (mode === 'before') throw injected(step);
    const result = await next(input);
    if (mode === 'after') throw injected(step);
    return mode === 'repeat' ? next(input) : result;
  }
}

const injected = (step: string) => ApplicationFailure.nonRetryable(`injected into ${step}`, 'Injected');

/** Gives each workflow's steps to the injector that was set for it. */
export class Injectors {
  readonly #byWorkflow = new Map<string, Injector>();

  set(workflowId: string, injector: Injector): void {
    this.#byWorkflow.set(workflowId, injector);
  }

  readonly interceptor: ActivityInterceptorsFactory = ({ info }) => ({
    inbound: {
      execute: (input, next) => {
        const injector = this.#byWorkflow.get(info.workflowExecution?.workflowId ?? '');
        return injector === undefined ? next(input) : injector.execute(info.activityType, info.activityId, input, next);
      },
    },
  });
}
