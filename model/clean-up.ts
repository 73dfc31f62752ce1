/** Clean-ups: what a flow could not take back in its time, as the workflow that keeps trying tells of it. */
import type { Cause } from './operation.ts';

/**
 * The search attribute `CleanUp`. trying: no reason to worry yet; stuck: it goes on, but a person should look; given up: a
 * person ended it and something is left; done: nothing is left.
 */
export type CleanUpState = 'trying' | 'stuck' | 'given up' | 'done';

/** A call of an activity, as data. */
export interface CleanUpCall {
  /** As the Temporal UI shows it. */
  readonly name: string;
  readonly activity: string;
  /** Ids only. */
  readonly args: readonly unknown[];
  /** Where it is done; absent for the control plane's own. */
  readonly taskQueue?: string;
}

/** How far a clean-up is: the answer to the query `progress`. Calls are numbered from 1, in the order in which they are made. */
export interface CleanUpProgress {
  readonly calls: readonly CleanUpCall[];
  /** Why the flow failed that left all this. */
  readonly reason: string;
  readonly state: CleanUpState;
  readonly wasStuck: boolean;
  /** The call that is open; one more than there are when all are done. */
  readonly open: number;
  /** Calls that were not made because an operator said so. */
  readonly adopted: readonly number[];
  /** Whether it is being tried at this moment. */
  readonly trying: boolean;
  /** Whether that try waits in the queue of a host that is down. */
  readonly waitsForHost?: boolean;
  /** How often the open call was tried here. */
  readonly tries: number;
  /** Since when the open call is open; ISO 8601, UTC. */
  readonly since: string;
  /** Why its last try failed, outermost cause first; empty before the first. */
  readonly failure: readonly Cause[];
  /** ISO 8601, UTC; null while it is being tried. */
  readonly nextTryAt: string | null;
}

/** Why a try failed, as one line for a person: that the step failed is plain, unless nothing else is known. */
export function spokenFailure(causes: readonly Cause[]): string {
  const telling = causes.filter(({ type }) => type !== 'StepFailed');
  const shown = telling.length > 0 ? telling : causes;
  return [...new Set(shown.map(({ type, message }) => `${type}: ${message}`))].join(' ← ');
}

/** What an operator tells a clean-up; each is a workflow update of this name. */
export const cleanUpCommands = ['retry', 'adopt', 'giveUp'] as const;
export type CleanUpCommand = (typeof cleanUpCommands)[number];

/** Names the call that is meant, so that a command that comes late cannot hit the next one. */
export interface CleanUpOrder {
  readonly call: number;
  /** Who says so, for the record. */
  readonly by: string;
}

/** What came of a command. A call may have been done, all the same, by a try that was under way. */
export interface CleanUpAnswer {
  readonly outcome: 'done' | 'failed' | 'adopted' | 'given up';
  readonly call: string;
  /** Why a new try failed, as one line. */
  readonly failure: string | null;
  /** Calls that are still to be made, this one included where it failed. */
  readonly left: readonly string[];
}
