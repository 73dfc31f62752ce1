import type { NetworkReader } from '../../../drivers/network/contract.ts';
import type { Network, Port, Subnet } from '../../../model/network.ts';

/** Where every id exists, as with Octavia's no-op network driver, but for those in `missing`. */
export class FakeNetwork implements NetworkReader {
  readonly missing = new Set<string>();
  readonly ports = new Map<string, Partial<Port>>();
  networkId = '5e0c2a4e-2f9b-4f8e-9d5b-0f3a2a5d7a0b';
  subnets: readonly Subnet[] = [];
  free = 100;

  network(id: string): Promise<Network | null> {
    const network = { id, name: '', mtu: 1500, subnetIds: this.subnets.map((subnet) => subnet.id), projectId: null };
    return Promise.resolve(this.missing.has(id) ? null : network);
  }

  subnet(id: string): Promise<Subnet | null> {
    if (this.missing.has(id)) return Promise.resolve(null);
    return Promise.resolve(this.subnets.find((subnet) => subnet.id === id) ?? buildSubnet(id, this.networkId));
  }

  port(id: string): Promise<Port | null> {
    return Promise.resolve(this.missing.has(id) ? null : buildPort(id, this.networkId, this.ports.get(id)));
  }

  qosPolicyExists(id: string): Promise<boolean> {
    return Promise.resolve(!this.missing.has(id));
  }

  securityGroupExists(id: string): Promise<boolean> {
    return Promise.resolve(!this.missing.has(id));
  }

  freeAddresses(): Promise<number> {
    return Promise.resolve(this.free);
  }
}

export function buildSubnet(id: string, networkId: string, overrides: Partial<Subnet> = {}): Subnet {
  return {
    id,
    name: '',
    networkId,
    cidr: '198.51.100.0/24',
    ipVersion: 4,
    gatewayIp: null,
    hostRoutes: [],
    projectId: null,
    ...overrides,
  };
}

function buildPort(id: string, networkId: string, overrides: Partial<Port> = {}): Port {
  return {
    id,
    name: '',
    networkId,
    macAddress: '02:00:00:00:00:01',
    fixedIps: [],
    allowedAddresses: [],
    deviceId: '',
    deviceOwner: '',
    adminStateUp: true,
    projectId: null,
    qosPolicyId: null,
    ...overrides,
  };
}
