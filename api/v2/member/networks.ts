/** Whether a change of members changes the networks that the amphorae are plugged into. One that does not takes two steps. */
import type { Tx } from '../../../db/database.ts';
import { memberNetworks, type MemberNetworks } from '../../../db/member-network.ts';
import type { AnyCall } from '../../http/route.ts';

/** Subnets that need no plugging, since they are in a network of the VIPs. */
export type ReachedSubnets = ReadonlySet<string>;

/**
 * Finds them among the subnets that a load balancer's members are in and those that `joining` ones will be in. Asks the network
 * about those alone that no amphora is plugged into, and before the load balancer is locked: the network may be another service's.
 */
export async function reachedThroughVip(
  { db, network }: Pick<AnyCall, 'db' | 'network'>,
  loadBalancerId: string,
  joining: readonly (string | null | undefined)[] = [],
): Promise<ReachedSubnets> {
  const now = await memberNetworks(db, loadBalancerId);
  if (now === null) return new Set();
  const plugged = new Set(now.amphorae.flat(2));
  const unplugged = new Set([...now.kept, ...joining].filter((id) => id != null && !plugged.has(id)));
  const reached = new Set<string>();
  for (const id of unplugged) {
    const subnet = id == null ? null : await network.subnet(id);
    if (subnet !== null && now.vipNetworks.includes(subnet.networkId)) reached.add(subnet.id);
  }
  return reached;
}

/**
 * Whether an amphora that serves is not plugged into just what its members need. Asked under the lock of the load balancer, once the
 * change is written. A subnet that came meanwhile counts as one to be plugged: the flow compares once more.
 */
export async function mustPlug(tx: Tx, loadBalancerId: string, reached: ReachedSubnets): Promise<boolean> {
  const networks = await memberNetworks(tx, loadBalancerId);
  return networks !== null && networks.amphorae.some((ports) => differs(ports, networks, reached));
}

function differs(ports: MemberNetworks['amphorae'][number], { needed, kept }: MemberNetworks, reached: ReachedSubnets) {
  const plugged = ports.flat();
  return (
    ports.some((subnets) => subnets.length === 0) ||
    needed.some((id) => !reached.has(id) && !plugged.includes(id)) ||
    plugged.some((id) => !kept.includes(id))
  );
}
