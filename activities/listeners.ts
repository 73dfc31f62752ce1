import { markAmphoraBroken } from '../db/lifecycle/amphora.ts';
import { DriverError } from '../drivers/errors.ts';
import type { Amphora, LoadBalancerGraph } from '../model/graph.ts';
import type { ControlDependencies } from './dependencies.ts';
import { gone } from './failure.ts';
import { requireAmphora, requireGraph } from './lookup.ts';
import { withActive, workWithPeer } from './reachability.ts';

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
      await Promise.all(serving(graph).map((amphora) => driver.applyListeners(amphora, graph)));
    },
    /** To one amphora, which was just built. */
    async applyListenersTo(amphoraId: string): Promise<void> {
      const { amphora, graph } = await requireAmphora(db, amphoraId);
      await driver.applyListeners(amphora, graph);
    },
    /**
     * To those amphorae that answer: in a failover, a dead or broken one must not stop the living. Those that take no
     * configuration are in ERROR from then on, unless none takes it (Octavia: AmphoraIndexListenerUpdate).
     */
    async applyListenersToReachable(loadBalancerId: string): Promise<void> {
      const graph = await requireGraph(db, loadBalancerId);
      const told = await Promise.all(
        serving(graph).map(async (amphora) => {
          const state = await workWithPeer({ silent: patience, broken: patience }, async () => {
            await driver.info(amphora);
            await driver.applyListeners(amphora, graph);
          });
          return { id: amphora.id, state };
        }),
      );
      const broken = told.filter(({ state }) => state === 'broken');
      if (broken.length > 0 && broken.length === told.length)
        throw new DriverError('AgentFailed', `no amphora of load balancer ${loadBalancerId} takes its configuration`);
      for (const { id } of broken) await markAmphoraBroken(db, id);
    },
  };
}

function serving(graph: LoadBalancerGraph): readonly Amphora[] {
  return graph.amphorae.filter(({ status }) => status === 'ALLOCATED');
}
