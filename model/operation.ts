/**
 * Operations: what a request asks for, and which workflow carries it out. The name of the workflow is the operation's kind;
 * its id is `lb/<load balancer id>/<sequence>`.
 */
import type { RetrySettings } from './retries.ts';

export const operationKinds = [
  'createLoadBalancer',
  'updateLoadBalancer',
  'deleteLoadBalancer',
  'failoverLoadBalancer',
  'failoverAmphora',
  'createListener',
  'updateListener',
  'deleteListener',
  'createPool',
  'updatePool',
  'deletePool',
  'createMember',
  'updateMember',
  'deleteMember',
  'batchUpdateMembers',
  'createHealthMonitor',
  'updateHealthMonitor',
  'deleteHealthMonitor',
] as const;
export type OperationKind = (typeof operationKinds)[number];

export const resourceTypes = ['load_balancer', 'listener', 'pool', 'member', 'health_monitor', 'amphora'] as const;
export type ResourceType = (typeof resourceTypes)[number];

/**
 * accepted: in the outbox; started: its workflow has taken it; succeeded, failed: over;
 * withdrawn: the API gave it up before a workflow took it, and told the client so.
 */
export const operationStates = ['accepted', 'started', 'succeeded', 'failed', 'withdrawn'] as const;
export type OperationState = (typeof operationStates)[number];

/** What every workflow is started with: ids only, so that nothing large or secret enters a history. */
export interface OperationInput {
  readonly operationId: string;
  readonly loadBalancerId: string;
  readonly resourceId: string;
  readonly sequence: number;
  /** Whether networks and ports are rows of our own database, so that their steps are quick ones. */
  readonly quickNetwork: boolean;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** How its steps are tried; absent for the defaults, so that only what was set is seen. */
  readonly retries?: RetrySettings;
}

/** One link of the chain of causes of a failure: a Temporal failure, an activity, a driver's error. */
export interface Cause {
  /** The kind of failure: a DriverErrorType, `Timeout`, `Cancelled`, … */
  readonly type: string;
  /** For an operator; holds no secret. */
  readonly message: string;
}

/** How a step ended. `handed over`: an undo that could not finish in its time and is the clean-up flow's now. */
export type StepOutcome = 'done' | 'failed' | 'cancelled' | 'handed over';

/** One step of a flow, or the undo of one, as it went. */
export interface StepRecord {
  readonly name: string;
  readonly undo: boolean;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** From when the flow asked for it until the flow had its answer, retries included. */
  readonly ms: number;
  readonly outcome: StepOutcome;
  /** Why it did not end well, as one line. */
  readonly failure?: string;
}

/** A step that a flow is in the middle of. */
export interface RunningStep extends Pick<StepRecord, 'name' | 'undo' | 'startedAt'> {
  readonly outcome: 'running';
}

/** What a flow has done and is doing. */
export type StepNow = StepRecord | RunningStep;

/** Why and how an operation failed: what its record keeps. */
export interface Failure {
  /** All causes as one line. */
  readonly reason: string;
  /** The same as a chain, outermost first. */
  readonly causes: readonly Cause[];
  readonly steps: readonly StepRecord[];
}

/** The id of the workflow that carries out an operation: unique, idempotent, readable. */
export function workflowIdOf(operation: { loadBalancerId: string; sequence: number }): string {
  return `lb/${operation.loadBalancerId}/${operation.sequence}`;
}

/** The operation that a workflow carries out, from its id; null for a workflow of another kind, such as a clean-up. */
export function operationOf(workflowId: string): { loadBalancerId: string; sequence: number } | null {
  const [, loadBalancerId, sequence] = /^lb\/([0-9a-f-]+)\/(\d+)$/.exec(workflowId) ?? [];
  return loadBalancerId === undefined || sequence === undefined ? null : { loadBalancerId, sequence: Number(sequence) };
}

/** `createHealthMonitor` as people say it: `create health monitor`. */
export function spoken(kind: OperationKind): string {
  return kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
