import { randomBytes, randomUUID } from 'node:crypto';
import type { AmphoraSpec } from '../../../drivers/compute/contract.ts';
import type { Port, PortDetails, Subnet } from '../../../model/network.ts';

/** A network with an IPv4 subnet 10.x.y.0/24 and an IPv6 subnet, unlike any other in use on the machine. */
export interface TestNetwork {
  readonly id: string;
  readonly v4: Subnet;
  readonly v6: Subnet;
  /** An address of the IPv4 subnet. */
  address(last: number): string;
  /** An address of the IPv6 subnet. */
  address6(last: number): string;
}

export function buildNetwork(): TestNetwork {
  const id = randomUUID();
  const [x = 0, y = 0] = randomBytes(2);
  const v4Prefix = `10.${128 + (x % 64)}.${y}`;
  const v6Prefix = `fd57:${randomBytes(2).toString('hex').replace(/^0/, '1')}:${y + 1}`;
  const common = { name: '', networkId: id, hostRoutes: [], projectId: null };
  return {
    id,
    v4: { ...common, id: randomUUID(), cidr: `${v4Prefix}.0/24`, ipVersion: 4, gatewayIp: `${v4Prefix}.1` },
    v6: { ...common, id: randomUUID(), cidr: `${v6Prefix}::/64`, ipVersion: 6, gatewayIp: `${v6Prefix}::1` },
    address: (last) => `${v4Prefix}.${last}`,
    address6: (last) => `${v6Prefix}::${last.toString(16)}`,
  };
}

/** A port with an address in both subnets. */
export function buildPort(network: TestNetwork, last: number, part: Partial<Port> = {}): PortDetails {
  const [a = 0, b = 0, c = 0] = randomBytes(3);
  const port: Port = {
    id: randomUUID(),
    name: 'test',
    networkId: network.id,
    macAddress: `fa:16:3e:${[a, b, c].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`,
    fixedIps: [
      { subnetId: network.v4.id, address: network.address(last) },
      { subnetId: network.v6.id, address: network.address6(last) },
    ],
    allowedAddresses: [],
    deviceId: '',
    deviceOwner: 'Octavia',
    adminStateUp: true,
    projectId: null,
    qosPolicyId: null,
    ...part,
  };
  return { port, mtu: 1450, subnets: [network.v4, network.v6] };
}

export const buildSpec = (part: Partial<AmphoraSpec> = {}): AmphoraSpec => ({
  amphoraId: randomUUID(),
  loadBalancerId: randomUUID(),
  role: 'STANDALONE',
  topology: 'SINGLE',
  serverPem: 'a certificate and its key',
  clientCaPem: 'an authority',
  agentConfig: '[amphora_agent]\n',
  ports: [],
  ...part,
});
