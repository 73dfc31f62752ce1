import { completeOperation, hasSucceeded } from '../db/lifecycle/complete.ts';
import { failOperation } from '../db/lifecycle/fail.ts';
import type { EndedOperation } from '../db/lifecycle/settle.ts';
import type { Failure, StepRecord } from '../model/operation.ts';
import { rolesOf, type AmphoraRole, type AmphoraStatus, type Topology } from '../model/status.ts';
import type { ControlDependencies } from './dependencies.ts';
import { requireGraph } from './lookup.ts';
import { taskQueueOf } from './placement.ts';
import { unpluggedMembers } from './unplugged-members.ts';

/** An amphora as flows see it. Runs of an earlier build were not told its status. */
export interface AmphoraOutline {
  readonly id: string;
  readonly role: AmphoraRole;
  readonly status?: AmphoraStatus;
  readonly taskQueue: string;
}

/** What a flow must know of a load balancer to decide its steps. Runs of an earlier build were not told of members. */
export interface LoadBalancerOutline {
  readonly topology: Topology;
  readonly hasListeners: boolean;
  readonly hasMembers?: boolean;
  readonly amphorae: readonly AmphoraOutline[];
}

/** The beginning and the end of an operation in the rows. */
export function createOperationActivities({
  db,
  network,
  settings,
  operationEnded,
}: Pick<ControlDependencies, 'db' | 'network' | 'settings' | 'operationEnded'>) {
  const report = (ended: EndedOperation | null): void => {
    if (ended !== null) operationEnded?.(ended);
  };
  return {
    async describeLoadBalancer(loadBalancerId: string): Promise<LoadBalancerOutline> {
      const { topology, listeners, pools, amphorae } = await requireGraph(db, loadBalancerId);
      const [fallback = 'STANDALONE'] = rolesOf(topology).toReversed();
      return {
        topology,
        hasListeners: listeners.length > 0,
        hasMembers: pools.some(({ members }) => members.length > 0),
        amphorae: amphorae.map(({ id, role, status, computeHost }) => ({
          id,
          role: role ?? fallback,
          status,
          taskQueue: taskQueueOf(settings, computeHost),
        })),
      };
    },
    async completeOperation(operationId: string, steps: readonly StepRecord[]): Promise<void> {
      report(await completeOperation(db, operationId, steps, await unpluggedMembers(db, network, operationId)));
    },
    hasSucceeded: (operationId: string): Promise<boolean> => hasSucceeded(db, operationId),
    async failOperation(operationId: string, failure: Failure): Promise<void> {
      report(await failOperation(db, operationId, failure));
    },
  };
}
