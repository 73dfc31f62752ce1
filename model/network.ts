/** Networks as the amphora and the drivers see them (Neutron's terms). */

export interface HostRoute {
  readonly destination: string;
  readonly nexthop: string;
}

export interface Network {
  readonly id: string;
  readonly name: string;
  readonly mtu: number;
  readonly subnetIds: readonly string[];
  readonly projectId: string | null;
}

export interface Subnet {
  readonly id: string;
  readonly name: string;
  readonly networkId: string;
  readonly cidr: string;
  readonly ipVersion: 4 | 6;
  readonly gatewayIp: string | null;
  readonly hostRoutes: readonly HostRoute[];
  readonly projectId: string | null;
}

export interface FixedIp {
  readonly subnetId: string;
  readonly address: string;
}

export interface Port {
  readonly id: string;
  readonly name: string;
  readonly networkId: string;
  readonly macAddress: string;
  readonly fixedIps: readonly FixedIp[];
  /** Addresses besides the fixed ones that the port may send from (Neutron: allowed_address_pairs). */
  readonly allowedAddresses: readonly string[];
  readonly deviceId: string;
  readonly deviceOwner: string;
  readonly adminStateUp: boolean;
  readonly projectId: string | null;
  readonly qosPolicyId: string | null;
}

/** A port with the subnets of its addresses and its network's MTU: enough to configure an interface for it. */
export interface PortDetails {
  readonly port: Port;
  readonly mtu: number;
  readonly subnets: readonly Subnet[];
}
