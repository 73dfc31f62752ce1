import { DriverError } from '../drivers/errors.ts';
import { servingAmphorae } from '../model/graph.ts';
import type { ControlDependencies } from './dependencies.ts';
import { gone } from './failure.ts';
import { requireAmphora, requireGraph } from './lookup.ts';
import { withActive, workWithPeer, type PeerState } from './reachability.ts';

/** An amphora that a failover could not tell of the configuration, and why. */
export interface LeftOut {
  readonly id: string;
  readonly state: Exclude<PeerState, 'done'>;
}

/** Pushes the whole configuration of a load balancer; what is pushed is what the rows say, so pushing twice does no harm. */
export function createListenerActivities({
  db,
  amphora: driver,
  settings,
}: Pick<ControlDependencies, 'db' | 'amphora' | 'settings'>) {
  const patience = withActive(settings);
  return {
    /** To all amphorae that serve. Fails when a newer operation has the load balancer. */
    async applyListeners(loadBalancerId: string, sequence: number): Promise<void> {
      const graph = await requireGraph(db, loadBalancerId);
      if (graph.sequence !== sequence)
        throw gone('OvertakenOperation', `operation ${sequence} was overtaken by ${graph.sequence}`);
      await Promise.all(servingAmphorae(graph).map((amphora) => driver.applyListeners(amphora, graph)));
    },
    /** To one amphora, which was just built. */
    async applyListenersTo(amphoraId: string): Promise<void> {
      const { amphora, graph } = await requireAmphora(db, amphoraId);
      await driver.applyListeners(amphora, graph);
    },
    /**
     * To those amphorae that take it: in a failover, a dead or broken one must not stop the living. It stays as it is until it
     * is failed over itself (Octavia: AmphoraIndexListenerUpdate). Returns those that did not; runs of an earlier build were not told.
     * Throws AgentFailed when none takes it.
     */
    async applyListenersToReachable(loadBalancerId: string): Promise<readonly LeftOut[] | undefined> {
      const graph = await requireGraph(db, loadBalancerId);
      const told = await Promise.all(
        servingAmphorae(graph).map(async (amphora) => {
          const state = await workWithPeer({ silent: patience, broken: patience }, async () => {
            await driver.info(amphora);
            await driver.applyListeners(amphora, graph);
          });
          return { id: amphora.id, state };
        }),
      );
      const leftOut = told.flatMap(({ id, state }) => (state === 'done' ? [] : [{ id, state }]));
      if (told.length > 0 && leftOut.length === told.length)
        throw new DriverError('AgentFailed', `no amphora of load balancer ${loadBalancerId} takes its configuration`);
      return leftOut;
    },
  };
}
