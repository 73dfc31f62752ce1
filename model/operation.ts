/**
 * Operations: what a request asks for, and which workflow carries it out. The name of the workflow is the operation's kind;
 * its id is `lb/<load balancer id>/<sequence>`.
 */

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
}

/** The id of the workflow that carries out an operation: unique, idempotent, readable. */
export function workflowIdOf(operation: { loadBalancerId: string; sequence: number }): string {
  return `lb/${operation.loadBalancerId}/${operation.sequence}`;
}

/** `createHealthMonitor` as people say it: `create health monitor`. */
export function spoken(kind: OperationKind): string {
  return kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
