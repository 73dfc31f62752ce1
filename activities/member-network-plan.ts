/** Which networks each amphora must be plugged into, and which it must leave (Octavia: network_tasks.py CalculateAmphoraDelta). */
import type { Db } from '../db/database.ts';
import { amphoraIsOvertaken } from '../db/lifecycle/fence.ts';
import { memberPortsOf, type MemberPort } from '../db/lifecycle/member-port.ts';
import type { NetworkDriver } from '../drivers/network/contract.ts';
import type { Amphora, LoadBalancerGraph, Member } from '../model/graph.ts';
import { pending, type ProvisioningStatus } from '../model/status.ts';
import { gone } from './failure.ts';
import { requireAmphora } from './lookup.ts';

/** One network on which an amphora's port must change. No subnets: the port goes. */
export interface NetworkChange {
  readonly networkId: string;
  readonly subnetIds: readonly string[];
  /** Whether members that this change does not create live there: then the port stays, though the change fails. */
  readonly plugged: boolean;
  /**
   * False where nobody lives but members in ERROR: the flow goes on without what cannot be had for them. Runs of an earlier build were
   * not told.
   */
  readonly needed?: boolean;
}

/** The subnets of one network that members live in. */
interface WantedNetwork {
  /** Those of members in service, or to be put in service. */
  readonly subnetIds: readonly string[];
  /** Those of members in ERROR alone. */
  readonly failedSubnetIds: readonly string[];
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
    const statuses = staying.filter(({ subnetId }) => subnetId === id).map((one) => one.provisioningStatus);
    const networkId = await networkOf(network, id, statuses);
    if (networkId === null || vipNetworks.has(networkId)) continue;
    wanted.set(networkId, withSubnet(wanted.get(networkId), id, statuses));
  }
  return wanted;
}

/**
 * The network of a subnet; null for one that is gone although nothing in it is being changed: its members are out of reach whatever
 * is done, and must not hold up a failover, or the deletion of one of them.
 */
async function networkOf(
  network: NetworkDriver,
  subnetId: string,
  statuses: readonly ProvisioningStatus[],
): Promise<string | null> {
  const subnet = await network.subnet(subnetId);
  if (subnet !== null) return subnet.networkId;
  if (statuses.every((status) => !pending.includes(status))) return null;
  throw gone('SubnetGone', `subnet ${subnetId} of a member does not exist`);
}

const none: WantedNetwork = { subnetIds: [], failedSubnetIds: [], isNew: true };

function withSubnet(
  { subnetIds, failedSubnetIds, isNew } = none,
  id: string,
  statuses: readonly ProvisioningStatus[],
): WantedNetwork {
  if (statuses.every((status) => status === 'ERROR'))
    return { subnetIds, failedSubnetIds: [...failedSubnetIds, id], isNew: false };
  const created = statuses.every((status) => status === 'PENDING_CREATE');
  return { subnetIds: [...subnetIds, id], failedSubnetIds, isNew: isNew && created };
}

/** Which of an amphora's changes are asked for: those that let members join leave everything plugged that is. */
export type Extent = 'all' | 'joining';

/** What must change on one amphora. */
export async function changesOf(
  db: Db,
  network: NetworkDriver,
  { id }: Amphora,
  wanted: WantedNetworks,
  extent: Extent = 'all',
): Promise<readonly NetworkChange[]> {
  const ports = await memberPortsOf(db, id);
  const changes: NetworkChange[] = [];
  for (const [networkId, want] of wanted) {
    const port = ports.find((one) => one.networkId === networkId);
    const subnetIds = subnetsFor(want, port, extent);
    if (port === undefined || !(await serves(network, port, subnetIds)))
      changes.push({ networkId, subnetIds, plugged: !want.isNew, needed: want.subnetIds.length > 0 });
  }
  if (extent === 'joining') return changes;
  for (const { networkId } of ports)
    if (!wanted.has(networkId)) changes.push({ networkId, subnetIds: [], plugged: true });
  return changes;
}

/**
 * The subnets that a port is to live in. Members in ERROR keep what they have and get a port of their own, but nothing that could
 * keep others from theirs.
 */
function subnetsFor(
  { subnetIds, failedSubnetIds }: WantedNetwork,
  port: MemberPort | undefined,
  extent: Extent,
): readonly string[] {
  const plugged = port?.pluggedSubnetIds ?? [];
  const kept = extent === 'joining' ? plugged : failedSubnetIds.filter((id) => plugged.includes(id));
  const own = subnetIds.length === 0 ? failedSubnetIds : [];
  return [...new Set([...subnetIds, ...kept, ...own])].toSorted();
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
  pools
    .filter(stays)
    .flatMap(({ members }) => members)
    .filter(stays);

const stays = ({ provisioningStatus }: Pick<Member, 'provisioningStatus'>): boolean =>
  provisioningStatus !== 'PENDING_DELETE';

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
