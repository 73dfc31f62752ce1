import type { AmphoraDriver } from '../drivers/amphora/contract.ts';
import type { Amphora, LoadBalancerGraph } from '../model/graph.ts';
import type { ControlDependencies } from './dependencies.ts';
import { gone } from './failure.ts';
import { requireAmphora, requireGraph } from './lookup.ts';
import { answerOf, withActive, type Patience } from './reachability.ts';

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
    /** To those amphorae that answer: in a failover, a dead one must not stop the living (Octavia: AmphoraIndexListenerUpdate). */
    async applyListenersToReachable(loadBalancerId: string): Promise<void> {
      const graph = await requireGraph(db, loadBalancerId);
      await Promise.all(
        serving(graph).map((amphora) =>
          ifReachable(driver, amphora, patience, () => driver.applyListeners(amphora, graph)),
        ),
      );
    },
  };
}

function serving(graph: LoadBalancerGraph): readonly Amphora[] {
  return graph.amphorae.filter(({ status }) => status === 'ALLOCATED');
}

/** Does something with an amphora unless it does not answer (Octavia: AmphoraeGetConnectivityStatus). */
export async function ifReachable(
  driver: AmphoraDriver,
  amphora: Amphora,
  patience: Patience,
  work: () => Promise<void>,
): Promise<void> {
  if ((await answerOf(patience, () => driver.info(amphora))) !== null) await work();
}
