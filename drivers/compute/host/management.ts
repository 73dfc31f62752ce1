/** The management network of a host: a bridge with the network's first address, and one address of it for each amphora. */
import { canonicalAddress, firstAddress, lowestFree, parseCidr, type AddressRange } from '../../network/address.ts';
import { DriverError } from '../../errors.ts';
import type { HeartbeatTarget, ManagementPort } from './guard.ts';
import { macOf } from './names.ts';

/** Name of the interface in the amphora (drivers.md of Octavia's image calls it the management interface). */
const interfaceName = 'mgmt0';

export interface ManagementNetwork {
  readonly bridge: string;
  readonly hostAddress: string;
  readonly range: AddressRange;
  readonly heartbeatTargets: readonly HeartbeatTarget[];
}

/** Where amphorae send heartbeats: `ip:port,…`, or the host itself when the text is empty. Throws NoValidHost. */
function parseTargets(text: string, hostAddress: string, healthPort: number): readonly HeartbeatTarget[] {
  if (text.trim() === '') return [{ address: hostAddress, port: healthPort }];
  return text.split(',').map((target) => {
    const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(target.trim()) ?? [];
    const address = canonicalAddress(host);
    if (address === null) {
      throw new DriverError('NoValidHost', `WEIR_HEALTH_CONTROLLERS: '${target}' is not of the form ip:port.`);
    }
    return { address, port: Number(port) };
  });
}

export interface ManagementSettings {
  readonly managementCidr: string;
  readonly managementBridge: string;
  readonly healthControllers: string;
  readonly healthBindPort: number;
}

/** Throws NoValidHost for settings that make no network. */
export function managementNetwork(settings: ManagementSettings): ManagementNetwork {
  const range = parseCidr(settings.managementCidr);
  if (range?.version !== 4 || range.prefix > 30) {
    throw new DriverError(
      'NoValidHost',
      `WEIR_MANAGEMENT_CIDR: '${settings.managementCidr}' is not an IPv4 network with room for amphorae.`,
    );
  }
  if (!/^[a-z][a-z0-9-]{0,14}$/.test(settings.managementBridge)) {
    throw new DriverError(
      'NoValidHost',
      `WEIR_MANAGEMENT_BRIDGE: '${settings.managementBridge}' is not a name of at most 15 letters, digits and dashes.`,
    );
  }
  const hostAddress = firstAddress(range);
  return {
    bridge: settings.managementBridge,
    hostAddress,
    range,
    heartbeatTargets: parseTargets(settings.healthControllers, hostAddress, settings.healthBindPort),
  };
}

/** The lowest address that no amphora has. Throws NoValidHost when the network is full. */
export function chooseAddress(network: ManagementNetwork, taken: readonly string[]): string {
  const address = lowestFree(network.range, new Set([network.hostAddress, ...taken]));
  if (address === null)
    throw new DriverError('NoValidHost', 'The management network of this host has no address left.');
  return address;
}

/** The MAC follows the address: whoever gets an address again finds the host's neighbour table right. */
export function managementPort(network: ManagementNetwork, address: string): ManagementPort {
  const { hostAddress, heartbeatTargets } = network;
  return { mac: macOf(`${network.bridge} ${address}`), address, hostAddress, heartbeatTargets };
}

/** Lines of iproute2 for the host: the bridge if it is missing, and an interface for the amphora whose first process is `pid`. */
export function hostLines(
  network: ManagementNetwork,
  links: ReadonlySet<string>,
  link: string,
  address: string,
  pid: number,
): readonly string[] {
  const { bridge, hostAddress, range } = network;
  const make = `link add name ${bridge} address ${macOf(bridge)} type bridge forward_delay 0 mcast_snooping 0`;
  return [
    ...(links.has(bridge) ? [] : [make]),
    `address replace ${hostAddress}/${range.prefix} dev ${bridge}`,
    `link set ${bridge} up`,
    `link add name ${link} type veth peer name ${interfaceName} address ${managementPort(network, address).mac} netns ${pid}`,
    `link set ${link} master ${bridge} addrgenmode none up`,
    // Isolated ports of a bridge never reach each other.
    `link set ${link} type bridge_slave isolated on`,
  ];
}

/** Lines of iproute2 for inside the amphora. */
export function amphoraLines(network: ManagementNetwork, address: string): readonly string[] {
  return [
    'link set lo up',
    `link set ${interfaceName} addrgenmode none`,
    `address add ${address}/${network.range.prefix} dev ${interfaceName}`,
    `link set ${interfaceName} up`,
    `route add default via ${network.hostAddress}`,
  ];
}
