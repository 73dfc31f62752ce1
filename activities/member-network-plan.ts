/** Which networks each amphora must be plugged into, and which it must leave (Octavia: network_tasks.py CalculateAmphoraDelta). */
import type { Db } from '../db/database.ts';
import { amphoraIsOvertaken } from '../db/lifecycle/fence.ts';
import { memberPortsOf, type MemberPort } from '../db/lifecycle/member-port.ts';
import type { NetworkDriver } from '../drivers/network/contract.ts';
import type { Amphora, LoadBalancerGraph, Member } from '../model/graph.ts';
import { gone } from './failure.ts';
import { requireAmphora } from './lookup.ts';

/** One network on which an amphora's port must change. No subnets: the port goes. */
export interface NetworkChange {
  readonly networkId: string;
  readonly subnetIds: readonly string[];
  /** Whether members that this change does not create live there: then the port stays, though the change fails. */
  readonly plugged: boolean;
}

/** The subnets of one network that members live in. */
interface WantedNetwork {
  readonly subnetIds: readonly string[];
  /** Whether only members that are being created live there. */
  readonly isNew: boolean;
}

type WantedNetworks = ReadonlyMap<string, WantedNetwork>;

/** What members need, by network. The VIPs' own networks are plugged already. Throws SubnetGone. */
export async function wantedNetworks(network: NetworkDriver, graph: LoadBalancerGraph): Promise<WantedNetworks> {
  const staying = stayingMembers(graph);
  const vipNetworks = new Set(graph.vips.map(({ networkId }) => networkId));
  const wanted = new Map<string, WantedNetwork>();
  for (const id of subnetsOf(staying)) {
    const subnet = await network.subnet(id);
    if (subnet === null) throw gone('SubnetGone', `subnet ${id} of a member does not exist`);
    if (vipNetworks.has(subnet.networkId)) continue;
    const { subnetIds, isNew } = wanted.get(subnet.networkId) ?? { subnetIds: [], isNew: true };
    const created = staying.every((one) => one.subnetId !== id || one.provisioningStatus === 'PENDING_CREATE');
    wanted.set(subnet.networkId, { subnetIds: [...subnetIds, id], isNew: isNew && created });
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
  for (const [networkId, { subnetIds, isNew }] of wanted) {
    const port = ports.find((one) => one.networkId === networkId);
    if (port === undefined || !(await serves(network, port, subnetIds)))
      changes.push({ networkId, subnetIds, plugged: !isNew });
  }
  for (const { networkId } of ports)
    if (!wanted.has(networkId)) changes.push({ networkId, subnetIds: [], plugged: true });
  return changes;
}

/**
 * Whether a port that an operation would take back is needed by now: a newer operation has the load balancer, and its members
 * live there. A port that nobody needs goes, whoever made it.
 */
export async function isNeeded(
  db: Db,
  network: NetworkDriver,
  {
    amphoraId,
    networkId,
    sequence,
  }: { readonly amphoraId: string; readonly networkId: string; readonly sequence: number },
): Promise<boolean> {
  if (!(await amphoraIsOvertaken(db, amphoraId, sequence))) return false;
  const { graph } = await requireAmphora(db, amphoraId);
  const subnets = await Promise.all(subnetsOf(stayingMembers(graph)).map((id) => network.subnet(id)));
  return subnets.some((subnet) => subnet?.networkId === networkId);
}

const stayingMembers = ({ pools }: LoadBalancerGraph): readonly Member[] =>
  pools.flatMap(({ members }) => members).filter((member) => member.provisioningStatus !== 'PENDING_DELETE');

const subnetsOf = (members: readonly Member[]): readonly string[] =>
  [...new Set(members.flatMap(({ subnetId }) => subnetId ?? []))].toSorted();

/** Whether the amphora is configured for these subnets and its port still lives in them: a tenant may have changed or deleted it. */
async function serves(network: NetworkDriver, port: MemberPort, subnetIds: readonly string[]): Promise<boolean> {
  if (!areSame(port.pluggedSubnetIds, subnetIds)) return false;
  const details = await network.portDetails(port.portId);
  return areSame(details?.port.fixedIps.map(({ subnetId }) => subnetId) ?? [], subnetIds);
}

const areSame = (some: readonly string[], others: readonly string[]): boolean =>
  some.toSorted().join() === others.toSorted().join();
