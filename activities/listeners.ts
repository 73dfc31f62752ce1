import { DriverError } from '../drivers/errors.ts';
import { servingAmphorae } from '../model/graph.ts';
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
      await Promise.all(servingAmphorae(graph).map((amphora) => driver.applyListeners(amphora, graph)));
    },
    /** To one amphora, which was just built. */
    async applyListenersTo(amphoraId: string): Promise<void> {
      const { amphora, graph } = await requireAmphora(db, amphoraId);
      await driver.applyListeners(amphora, graph);
    },
    /**
     * To those amphorae that take it: in a failover, a dead or broken one must not stop the living. It stays as it is until it
     * is failed over itself (Octavia: AmphoraIndexListenerUpdate). Throws AgentFailed when none takes it.
     */
    async applyListenersToReachable(loadBalancerId: string): Promise<void> {
      const graph = await requireGraph(db, loadBalancerId);
      const told = await Promise.all(
        servingAmphorae(graph).map((amphora) =>
          workWithPeer({ silent: patience, broken: patience }, async () => {
            await driver.info(amphora);
            await driver.applyListeners(amphora, graph);
          }),
        ),
      );
      if (told.length > 0 && !told.includes('done'))
        throw new DriverError('AgentFailed', `no amphora of load balancer ${loadBalancerId} takes its configuration`);
    },
  };
}
