/** A network driver that does nothing and knows every id (Octavia: network/drivers/noop_driver). For tests of all the rest. */
import type { FixedIp, Network, Port, PortDetails, Subnet } from '../../model/network.ts';
import { nameUuid } from '../name-uuid.ts';
import type { NetworkDriver, NetworkReader } from './contract.ts';
import type { AllocatedVip, VipRequest } from '../../model/vip.ts';

/** Documentation addresses (RFC 5737), the ones that Octavia's driver answers with. */
const vipAddress = '198.51.100.1';
const portAddress = '198.51.100.56';
const portMac = '00:00:5e:00:53:05';

/** The network that all subnets are in until someone asks for another one. */
const madeUpNetwork = nameUuid('noop network');

const noopSubnet = (id: string, networkId: string): Subnet => ({
  id,
  name: '',
  networkId,
  cidr: '198.51.100.0/24',
  ipVersion: 4,
  gatewayIp: null,
  hostRoutes: [],
  projectId: null,
});

const noopPort = (
  id: string,
  networkId: string,
  name: string,
  deviceId: string,
  fixedIps: readonly FixedIp[],
): Port => ({
  id,
  name,
  networkId,
  macAddress: portMac,
  fixedIps,
  allowedAddresses: [],
  deviceId,
  deviceOwner: deviceId === '' ? '' : 'Octavia',
  adminStateUp: true,
  projectId: null,
  qosPolicyId: null,
});

/** The subnets of a network: says yes to every id, since the driver accepts any. */
class AnySubnet extends Array<string> {
  override includes(): boolean {
    return true;
  }
}

/**
 * Answers questions about any id. Subnets live in the network that was asked for last, as Octavia's driver has it, so that a
 * request that names both agrees with itself.
 */
function noopReader(): NetworkReader {
  let currentNetwork = madeUpNetwork;
  return {
    network(id): Promise<Network> {
      currentNetwork = id;
      const subnetIds = AnySubnet.of(nameUuid(`noop subnet of ${id}`));
      return Promise.resolve({ id, name: '', mtu: 1500, projectId: null, subnetIds });
    },
    subnet: (id) => Promise.resolve(noopSubnet(id, currentNetwork)),
    port: (id) => Promise.resolve(noopPort(id, currentNetwork, '', '', [])),
    qosPolicyExists: () => Promise.resolve(true),
    securityGroupExists: () => Promise.resolve(true),
    freeAddresses: () => Promise.resolve(254),
  };
}

/** The same answer for the same load balancer, whichever process gives it. */
function noopVip(request: VipRequest): AllocatedVip {
  const portId = request.portId ?? nameUuid(`octavia-lb-${request.loadBalancerId}`);
  const networkId = request.networkId ?? madeUpNetwork;
  const additional = request.additional.map(({ subnetId, address }, index) => ({
    subnetId,
    address: address ?? `198.51.100.${index + 2}`,
    portId,
    networkId,
  }));
  return {
    portId,
    networkId,
    subnetId: request.subnetId ?? nameUuid(`noop subnet of ${networkId}`),
    address: request.address ?? vipAddress,
    owned: request.portId === null,
    additional,
  };
}

const detailsOf = (port: Port): PortDetails => ({
  port,
  mtu: 1500,
  subnets: port.fixedIps.map((fixed) => noopSubnet(fixed.subnetId, port.networkId)),
});

/** Amphora ports that were asked for and not yet deleted, so that a clean-up has something to find. */
function noopPorts(): Pick<
  NetworkDriver,
  'ensureVrrpPort' | 'ensureMemberPort' | 'portsOf' | 'portDetails' | 'deletePort'
> {
  const ports = new Map<string, Port>();
  const ensure = (name: string, amphoraId: string, networkId: string, fixedIps: readonly FixedIp[]): PortDetails => {
    const id = nameUuid(`${name} ${networkId}`);
    const port = noopPort(id, networkId, name, amphoraId, fixedIps);
    ports.set(id, port);
    return detailsOf(port);
  };
  return {
    ensureVrrpPort(amphoraId, _loadBalancerId, vip) {
      const fixedIps = [{ subnetId: vip.subnetId, address: vipAddress }];
      const { port, ...rest } = ensure(`octavia-lb-vrrp-${amphoraId}`, amphoraId, vip.networkId, fixedIps);
      const allowedAddresses = [vip.address, ...vip.additional.map((fixed) => fixed.address)];
      const allowed = { ...port, allowedAddresses };
      ports.set(port.id, allowed);
      return Promise.resolve({ ...rest, port: allowed });
    },
    ensureMemberPort(amphoraId, _loadBalancerId, networkId, subnetIds) {
      const fixedIps = subnetIds.map((subnetId) => ({ subnetId, address: portAddress }));
      return Promise.resolve(ensure(`octavia-lb-member-${amphoraId}`, amphoraId, networkId, fixedIps));
    },
    portsOf: (amphoraId) => Promise.resolve([...ports.values()].filter((port) => port.deviceId === amphoraId)),
    portDetails: (portId) =>
      Promise.resolve(detailsOf(ports.get(portId) ?? noopPort(portId, madeUpNetwork, '', '', []))),
    deletePort(portId) {
      ports.delete(portId);
      return Promise.resolve();
    },
  };
}

export function noopNetwork(): NetworkDriver {
  return {
    ...noopReader(),
    ...noopPorts(),
    allocateVip: (request) => Promise.resolve(noopVip(request)),
    releaseVip: () => Promise.resolve(),
    ensureVipSecurityGroup: () => Promise.resolve(),
    // What is pretended is nowhere.
    made: () => Promise.resolve([]),
  };
}
