/** Ports of tenant networks on a host: a bridge per network, a veth pair per port, and the rules that guard it. */
import { writeFile } from 'node:fs/promises';
import { parseCidr } from '../../network/address.ts';
import type { PortDetails, Subnet } from '../../../model/network.ts';
import { guard, portRules, removeGuard, unguard } from './guard.ts';
import { deleteLinks, ipBatch, readLinks, unusedBridges, withNetworkLock } from './links.ts';
import { bridgeOf, isPlugged, macOf, portLink } from './names.ts';

/** A network namespace: the number of a process in it, or its name under /run/netns. */
export type Namespace = number | string;

const prefixOf = (subnet: Subnet): number => parseCidr(subnet.cidr)?.prefix ?? (subnet.ipVersion === 4 ? 32 : 128);

/** The host answers on the gateway's address of each subnet: it routes, and clients on the host reach the network. */
function gatewayLines(bridge: string, subnets: readonly Subnet[]): readonly string[] {
  return subnets
    .filter((subnet) => subnet.gatewayIp !== null)
    .map((subnet) => {
      const nodad = subnet.ipVersion === 6 ? ' nodad' : '';
      return `address replace ${subnet.gatewayIp}/${prefixOf(subnet)} dev ${bridge}${nodad}`;
    });
}

/** Lines of iproute2 that plug a port, whatever of it is there already. Hold the network lock. */
export function plugLines(
  links: ReadonlySet<string>,
  { port, mtu, subnets }: PortDetails,
  namespace: Namespace,
): readonly string[] {
  const bridge = bridgeOf(port.networkId);
  const link = portLink(port.id);
  const makeBridge = `link add name ${bridge} address ${macOf(bridge)} type bridge forward_delay 0 mcast_snooping 0`;
  const peer = `peer name ${link} mtu ${mtu} address ${port.macAddress} netns ${namespace}`;
  return [
    ...(links.has(bridge) ? [] : [makeBridge]),
    `link set ${bridge} mtu ${mtu} up`,
    ...gatewayLines(bridge, subnets),
    ...(links.has(link) ? [] : [`link add name ${link} mtu ${mtu} type veth ${peer}`]),
    `link set ${link} master ${bridge} addrgenmode none up`,
  ];
}

/** Lets the host route what comes in from the network's bridge; only that, not from everywhere. */
export async function allowForwarding(networkId: string): Promise<void> {
  await writeFile(`/proc/sys/net/ipv4/conf/${bridgeOf(networkId)}/forwarding`, '1');
}

/** Replaces what the port may send. */
export const guardPort = ({ port }: PortDetails): Promise<void> =>
  guard(new Map([[portLink(port.id), portRules(port)]]));

/** Plugs a port into a namespace, with its guard. Twice has one effect. */
export async function plugPort(details: PortDetails, namespace: Namespace): Promise<void> {
  await withNetworkLock(async () => {
    const lines = plugLines(await readLinks(), details, namespace);
    await Promise.all([guardPort(details), ipBatch(lines)]);
    await allowForwarding(details.port.networkId);
  });
}

/** Removes interfaces with their guards, then bridges that nothing uses any more, then the tables when nothing is plugged at all. */
export async function removeLinks(
  links: readonly string[],
  bridges: readonly string[],
  managementBridge: string | null = null,
): Promise<void> {
  await withNetworkLock(async () => {
    await deleteLinks(links);
    await deleteLinks(await unusedBridges(managementBridge === null ? bridges : [...bridges, managementBridge]));
    const remaining = await readLinks();
    if (![...remaining].some(isPlugged)) await removeGuard();
    else await unguard(links, managementBridge !== null && !remaining.has(managementBridge) ? managementBridge : null);
  });
}

/** Takes a port out of whatever namespace it is in and frees all that it held here. "Not there" is success. */
export const unplugPort = (portId: string, networkId: string): Promise<void> =>
  removeLinks([portLink(portId)], [bridgeOf(networkId)]);

function inside(namespace: Namespace): readonly string[] {
  const path = typeof namespace === 'number' ? `/proc/${namespace}/ns/net` : `/run/netns/${namespace}`;
  return ['nsenter', `--net=${path}`];
}

/**
 * Plugs any namespace (a member, a client) into a tenant network and gives it the port's addresses and a default route for each
 * family. Twice has one effect. Undo with `unplugPort`.
 */
export async function plugNamespace(namespace: Namespace, details: PortDetails): Promise<void> {
  await plugPort(details, namespace);
  const link = portLink(details.port.id);
  const subnetOf = new Map(details.subnets.map((subnet) => [subnet.id, subnet]));
  const addresses = details.port.fixedIps.flatMap(({ subnetId, address }) => {
    const subnet = subnetOf.get(subnetId);
    const nodad = subnet?.ipVersion === 6 ? ' nodad' : '';
    return subnet === undefined ? [] : [`address replace ${address}/${prefixOf(subnet)} dev ${link}${nodad}`];
  });
  const routes = details.subnets.flatMap(({ gatewayIp, hostRoutes }) => [
    ...(gatewayIp === null ? [] : [`route replace default via ${gatewayIp} dev ${link}`]),
    ...hostRoutes.map(({ destination, nexthop }) => `route replace ${destination} via ${nexthop} dev ${link}`),
  ]);
  await ipBatch(['link set lo up', `link set ${link} up`, ...addresses, ...routes], inside(namespace));
}
