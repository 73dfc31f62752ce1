/** Which networks each amphora must be plugged into, and which it must leave (Octavia: network_tasks.py CalculateAmphoraDelta). */
import type { Db } from '../db/database.ts';
import { memberPortsOf, type MemberPort } from '../db/lifecycle/member-port.ts';
import type { NetworkDriver } from '../drivers/network/contract.ts';
import type { Amphora, LoadBalancerGraph } from '../model/graph.ts';
import { gone } from './failure.ts';

/** One network on which an amphora's port must change. No subnets: the port goes. */
export interface NetworkChange {
  readonly networkId: string;
  readonly subnetIds: readonly string[];
  /** Whether the amphora reaches members through a port on this network already. */
  readonly plugged: boolean;
}

type WantedNetworks = ReadonlyMap<string, readonly string[]>;

/** Network → the subnets in it that members live in. The VIPs' own networks are plugged already. */
export async function wantedNetworks(network: NetworkDriver, graph: LoadBalancerGraph): Promise<WantedNetworks> {
  const staying = graph.pools
    .flatMap(({ members }) => members)
    .filter((member) => member.provisioningStatus !== 'PENDING_DELETE');
  const vipNetworks = new Set(graph.vips.map(({ networkId }) => networkId));
  const wanted = new Map<string, string[]>();
  for (const id of [...new Set(staying.flatMap(({ subnetId }) => subnetId ?? []))].toSorted()) {
    const subnet = await network.subnet(id);
    if (subnet === null) throw gone('SubnetGone', `subnet ${id} of a member does not exist`);
    if (!vipNetworks.has(subnet.networkId)) wanted.set(subnet.networkId, [...(wanted.get(subnet.networkId) ?? []), id]);
  }
  return wanted;
}

/** What must change on one amphora. */
export async function changesOf(
  db: Db,
  network: NetworkDriver,
  { id }: Amphora,
  wanted: WantedNetworks,
): Promise<readonly NetworkChange[]> {
  const ports = await memberPortsOf(db, id);
  const changes: NetworkChange[] = [];
  for (const [networkId, subnetIds] of wanted) {
    const port = ports.find((one) => one.networkId === networkId);
    if (port === undefined || !(await serves(network, port, subnetIds)))
      changes.push({ networkId, subnetIds, plugged: port !== undefined && port.pluggedSubnetIds !== null });
  }
  for (const { networkId } of ports)
    if (!wanted.has(networkId)) changes.push({ networkId, subnetIds: [], plugged: true });
  return changes;
}

/** Whether the amphora is configured for these subnets and its port still lives in them: a tenant may have changed or deleted it. */
async function serves(network: NetworkDriver, port: MemberPort, subnetIds: readonly string[]): Promise<boolean> {
  if (!areSame(port.pluggedSubnetIds ?? [], subnetIds)) return false;
  const details = await network.portDetails(port.portId);
  return areSame(details?.port.fixedIps.map(({ subnetId }) => subnetId) ?? [], subnetIds);
}

const areSame = (some: readonly string[], others: readonly string[]): boolean =>
  some.toSorted().join() === others.toSorted().join();
