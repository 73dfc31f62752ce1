import { completeOperation, hasSucceeded } from '../db/lifecycle/complete.ts';
import { failOperation } from '../db/lifecycle/fail.ts';
import type { EndedOperation } from '../db/lifecycle/settle.ts';
import type { Failure, StepRecord } from '../model/operation.ts';
import { rolesOf, type AmphoraRole, type Topology } from '../model/status.ts';
import type { ControlDependencies } from './dependencies.ts';
import { requireGraph } from './lookup.ts';
import { taskQueueOf } from './placement.ts';

/** What a flow must know of a load balancer to decide its steps. */
export interface LoadBalancerOutline {
  readonly topology: Topology;
  readonly hasListeners: boolean;
  readonly amphorae: readonly { readonly id: string; readonly role: AmphoraRole; readonly taskQueue: string }[];
}

/** The beginning and the end of an operation in the rows. */
export function createOperationActivities({
  db,
  settings,
  operationEnded,
}: Pick<ControlDependencies, 'db' | 'settings' | 'operationEnded'>) {
  const report = (ended: EndedOperation | null): void => {
    if (ended !== null) operationEnded?.(ended);
  };
  return {
    async describeLoadBalancer(loadBalancerId: string): Promise<LoadBalancerOutline> {
      const { topology, listeners, amphorae } = await requireGraph(db, loadBalancerId);
      const [fallback = 'STANDALONE'] = rolesOf(topology).toReversed();
      return {
        topology,
        hasListeners: listeners.length > 0,
        amphorae: amphorae.map(({ id, role, computeHost }) => ({
          id,
          role: role ?? fallback,
          taskQueue: taskQueueOf(settings, computeHost),
        })),
      };
    },
    async completeOperation(operationId: string, steps: readonly StepRecord[]): Promise<void> {
      report(await completeOperation(db, operationId, steps));
    },
    hasSucceeded: (operationId: string): Promise<boolean> => hasSucceeded(db, operationId),
    async failOperation(operationId: string, failure: Failure): Promise<void> {
      report(await failOperation(db, operationId, failure));
    },
  };
}
