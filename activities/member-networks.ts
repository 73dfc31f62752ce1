import { addMemberPort, findMemberPort, markMemberPortPlugged, removeMemberPort } from '../db/lifecycle/member-port.ts';
import { findAmphora } from '../db/lifecycle/amphora.ts';
import { servingAmphorae, type Amphora } from '../model/graph.ts';
import type { ControlDependencies } from './dependencies.ts';
import { gone } from './failure.ts';
import { requireAmphora, requireGraph } from './lookup.ts';
import { changesOf, isNeeded, wantedNetworks, type Extent, type NetworkChange } from './member-network-plan.ts';
import { taskQueueOf } from './placement.ts';

/** What must change on one amphora, and where its machine is told. */
export interface MemberNetworkChange extends NetworkChange {
  readonly amphoraId: string;
  readonly taskQueue: string;
}

/** The networks of the members, as each amphora is plugged into them (Octavia: network_tasks.py, the delta tasks). */
export function createMemberNetworkActivities({ db, network, amphora: driver, settings }: ControlDependencies) {
  async function plan(
    loadBalancerId: string,
    extent: Extent,
    isMeant: (amphora: Amphora) => boolean = () => true,
  ): Promise<readonly MemberNetworkChange[]> {
    const graph = await requireGraph(db, loadBalancerId);
    const wanted = await wantedNetworks(network, graph);
    const changes = await Promise.all(
      servingAmphorae(graph)
        .filter(isMeant)
        .map(async (amphora) => {
          const taskQueue = taskQueueOf(settings, amphora.computeHost);
          const own = await changesOf(db, network, amphora, wanted, extent);
          return own.map((change) => Object.assign({ amphoraId: amphora.id, taskQueue }, change));
        }),
    );
    return changes.flat();
  }
  const isNeededNow = ({ needed }: NetworkChange): boolean => needed !== false;

  return {
    /**
     * What is to be changed so that every serving amphora reaches every member's subnet, and no other; or so that a replacement does,
     * which tries for members in ERROR too.
     */
    async planMemberNetworks(loadBalancerId: string, replacementId?: string): Promise<readonly MemberNetworkChange[]> {
      if (replacementId !== undefined) return plan(loadBalancerId, 'all', ({ id }) => id === replacementId);
      return (await plan(loadBalancerId, 'all')).filter(isNeededNow);
    },
    /** The part of it that lets members join: nothing is unplugged. */
    async planJoiningMembers(loadBalancerId: string): Promise<readonly MemberNetworkChange[]> {
      return (await plan(loadBalancerId, 'joining')).filter(isNeededNow);
    },
    async createMemberPort(amphoraId: string, networkId: string, subnetIds: readonly string[]): Promise<void> {
      const { graph } = await requireAmphora(db, amphoraId);
      const { port } = await network.ensureMemberPort(amphoraId, graph.id, networkId, subnetIds);
      await addMemberPort(db, amphoraId, networkId, port.id);
    },
    /** Leaves a port alone that members of an operation newer than `sequence` need. */
    async deleteMemberPort(amphoraId: string, networkId: string, sequence: number): Promise<void> {
      if (await isNeeded(db, network, { amphoraId, networkId, sequence })) return;
      const ports = await network.portsOf(amphoraId);
      const amphora = await findAmphora(db, amphoraId);
      for (const port of ports)
        if (port.networkId === networkId && port.id !== amphora?.vrrpPortId) await network.deletePort(port.id);
      await removeMemberPort(db, amphoraId, networkId);
    },
    async plugMemberNetwork(amphoraId: string, networkId: string): Promise<void> {
      const { amphora } = await requireAmphora(db, amphoraId);
      const portId = await findMemberPort(db, amphoraId, networkId);
      const details = portId === null ? null : await network.portDetails(portId);
      if (details === null) throw gone('PortGone', `amphora ${amphoraId} has no port on network ${networkId}`);
      await driver.plugNetwork(amphora, details);
      const subnetIds = details.port.fixedIps.map(({ subnetId }) => subnetId);
      await markMemberPortPlugged(db, details.port.id, subnetIds);
    },
  };
}
