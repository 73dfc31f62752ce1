import { addMemberPort, findMemberPort, markMemberPortPlugged, removeMemberPort } from '../db/lifecycle/member-port.ts';
import { findAmphora } from '../db/lifecycle/amphora.ts';
import { servingAmphorae } from '../model/graph.ts';
import type { ControlDependencies } from './dependencies.ts';
import { gone } from './failure.ts';
import { requireAmphora, requireGraph } from './lookup.ts';
import { changesOf, isNeeded, wantedNetworks, type NetworkChange } from './member-network-plan.ts';
import { taskQueueOf } from './placement.ts';

/** What must change on one amphora, and where its machine is told. */
export interface MemberNetworkChange extends NetworkChange {
  readonly amphoraId: string;
  readonly taskQueue: string;
}

/** The networks of the members, as each amphora is plugged into them (Octavia: network_tasks.py, the delta tasks). */
export function createMemberNetworkActivities({ db, network, amphora: driver, settings }: ControlDependencies) {
  return {
    /** What is to be changed so that every serving amphora reaches every member's subnet, and no other. */
    async planMemberNetworks(loadBalancerId: string): Promise<readonly MemberNetworkChange[]> {
      const graph = await requireGraph(db, loadBalancerId);
      const wanted = await wantedNetworks(network, graph);
      const changes = await Promise.all(
        servingAmphorae(graph).map(async (amphora) => {
          const taskQueue = taskQueueOf(settings, amphora.computeHost);
          const changes = await changesOf(db, network, amphora, wanted);
          return changes.map((change) => Object.assign({ amphoraId: amphora.id, taskQueue }, change));
        }),
      );
      return changes.flat();
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
