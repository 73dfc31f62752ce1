/** Bodies of `POST /plug/vip/{vip}` and `POST /plug/network` (Octavia: rest_api_driver.py, post_vip_plug and post_network_plug). */
import type { Amphora } from '../model/graph.ts';
import type { HostRoute, PortDetails, Subnet } from '../model/network.ts';
import { address, UnrenderableValue } from './grammar.ts';
import { orderVips, type VipInSubnet } from './vip.ts';

interface HostRouteBody {
  readonly nexthop: string;
  readonly destination: string;
}

export interface AdditionalVipBody {
  readonly subnet_cidr: string;
  readonly ip_address: string;
  readonly gateway: string | null;
  readonly host_routes: readonly HostRouteBody[];
}

export interface PlugVipBody {
  readonly subnet_cidr: string;
  readonly gateway: string | null;
  readonly mac_address: string;
  readonly vrrp_ip: string | null;
  readonly mtu: number;
  readonly host_routes: readonly HostRouteBody[];
  readonly additional_vips: readonly AdditionalVipBody[];
  readonly is_sriov: boolean;
}

export interface FixedIpBody {
  readonly ip_address: string;
  readonly subnet_cidr: string;
  readonly host_routes: readonly HostRouteBody[];
  readonly gateway: string | null;
}

export interface PlugNetworkBody {
  readonly mac_address: string;
  readonly fixed_ips: readonly FixedIpBody[];
  readonly mtu: number;
  readonly is_sriov: boolean;
}

function routes(hostRoutes: readonly HostRoute[]): readonly HostRouteBody[] {
  return hostRoutes.map(({ destination, nexthop }) => ({ nexthop, destination }));
}

export interface PlugVip {
  /** The primary VIP, for the path. */
  readonly vip: string;
  readonly body: PlugVipBody;
}

/** What plugs the VIPs of a load balancer; `primary` is the address that comes first. Throws UnrenderableValue when it is not among `vips`. */
export function plugVip(
  amphora: Amphora,
  primary: string,
  vips: readonly VipInSubnet[],
  vrrpPort: PortDetails,
): PlugVip {
  const [first, ...additional] = orderVips(vips, primary);
  if (first?.address !== primary) throw new UnrenderableValue('vip_address', 'must come with its subnet');
  return {
    vip: address('vip_address', primary),
    body: {
      subnet_cidr: first.subnet.cidr,
      gateway: first.subnet.gatewayIp,
      mac_address: vrrpPort.port.macAddress,
      vrrp_ip: amphora.vrrpIp,
      mtu: vrrpPort.mtu,
      host_routes: routes(first.subnet.hostRoutes),
      additional_vips: additional.map(({ address, subnet }) => ({
        subnet_cidr: subnet.cidr,
        ip_address: address,
        gateway: subnet.gatewayIp,
        host_routes: routes(subnet.hostRoutes),
      })),
      is_sriov: false,
    },
  };
}

function subnetOf(subnets: readonly Subnet[], id: string): Subnet {
  const subnet = subnets.find((candidate) => candidate.id === id);
  if (subnet === undefined) throw new UnrenderableValue('fixed_ips', 'must come with their subnets');
  return subnet;
}

/** What plugs a member network, or brings its addresses in line. Throws UnrenderableValue when a subnet is missing. */
export function plugNetwork({ port, mtu, subnets }: PortDetails): PlugNetworkBody {
  return {
    mac_address: port.macAddress,
    fixed_ips: port.fixedIps.map(({ subnetId, address }) => {
      const subnet = subnetOf(subnets, subnetId);
      return {
        ip_address: address,
        subnet_cidr: subnet.cidr,
        host_routes: routes(subnet.hostRoutes),
        gateway: subnet.gatewayIp,
      };
    }),
    mtu,
    is_sriov: false,
  };
}
