import { isAmphoraGone, updateAmphora } from '../db/lifecycle/amphora.ts';
import { loadVip } from '../db/lifecycle/vip.ts';
import type { NetworkReader } from '../drivers/network/contract.ts';
import type { LoadBalancerGraph } from '../model/graph.ts';
import type { ControlDependencies } from './dependencies.ts';
import { gone } from './failure.ts';
import { refuseVipOfNobody } from './late.ts';
import { requireAmphora, vipSubnets } from './lookup.ts';

/** VRRP's virtual router id: one instance lives on each VIP network segment of its own pair (Octavia: constants, vrrp_id 1). */
const vrrpId = 1;

/** The port that an amphora has in the VIP's subnet (Octavia: network_tasks.py PlugVIPAmphora, CreateVIPBasePort). */
export function createAmphoraPortActivities(deps: ControlDependencies) {
  const { db, network, amphora: driver } = deps;

  async function deletePorts(amphoraId: string): Promise<void> {
    for (const port of await network.portsOf(amphoraId)) await network.deletePort(port.id);
  }

  /** Takes away what was made for an amphora that is gone, and throws; looks again after the effect (late.ts). */
  async function refusePortOfNobody(amphoraId: string, loadBalancerId: string): Promise<void> {
    if (!(await isAmphoraGone(db, amphoraId))) return;
    await deletePorts(amphoraId);
    await refuseVipOfNobody(deps, loadBalancerId);
    throw gone('AmphoraGone', `amphora ${amphoraId} is gone`);
  }

  return {
    async createVrrpPort(amphoraId: string): Promise<void> {
      const { graph } = await requireAmphora(db, amphoraId);
      const vip = await loadVip(db, graph.id);
      if (vip === null) throw gone('VipGone', `load balancer ${graph.id} has no VIP`);
      const { port } = await network.ensureVrrpPort(amphoraId, graph.id, vip);
      await refusePortOfNobody(amphoraId, graph.id);
      await updateAmphora(db, amphoraId, {
        vrrp_ip: port.fixedIps[0]?.address ?? null,
        vrrp_port_id: port.id,
        ha_ip: vip.address,
        ha_port_id: vip.portId,
        vrrp_id: vrrpId,
      });
    },
    /** Deletes every port that was made for an amphora, those included whose id nobody noted down. */
    deleteAmphoraPorts: deletePorts,
    async plugVip(amphoraId: string): Promise<void> {
      const { amphora, graph } = await requireAmphora(db, amphoraId);
      const port = amphora.vrrpPortId === null ? null : await network.portDetails(amphora.vrrpPortId);
      if (port === null) throw gone('PortGone', `the VRRP port of amphora ${amphoraId} does not exist`);
      await requireVipPorts(network, graph);
      await driver.plugVip(amphora, graph, await vipSubnets(network, graph), port);
    },
  };
}

/** Without its port, a VIP's address may go to somebody else at any time. */
async function requireVipPorts(network: NetworkReader, { vips }: LoadBalancerGraph): Promise<void> {
  for (const portId of new Set(vips.map((vip) => vip.portId)))
    if ((await network.port(portId)) === null) throw gone('PortGone', `the VIP port ${portId} does not exist`);
}
