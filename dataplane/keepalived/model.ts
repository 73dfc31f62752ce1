/** What keepalived is to do on one amphora of a pair, as plain data (Octavia: amphorae/drivers/keepalived/jinja/jinja_cfg.py). */
import { isIP } from 'node:net';
import { servingAmphorae, type Amphora, type LoadBalancerGraph } from '../../model/graph.ts';
import {
  address,
  filePath,
  identifier,
  integer,
  interfaceName,
  network,
  UnrenderableValue,
  vrrpPassword,
} from '../grammar.ts';
import { orderVips, type VipInSubnet } from '../vip.ts';

/** Octavia: [keepalived_vrrp]. */
export interface VrrpOptions {
  /** Octavia: [haproxy_amphora] base_path. */
  readonly base: string;
  /** s */
  readonly checkInterval: number;
  readonly failCount: number;
  readonly successCount: number;
  /** s */
  readonly garpRefreshInterval: number;
  readonly garpRefreshCount: number;
}

export const upstreamVrrpOptions: VrrpOptions = {
  base: '/var/lib/octavia',
  checkInterval: 5,
  failCount: 2,
  successCount: 2,
  garpRefreshInterval: 5,
  garpRefreshCount: 2,
};

export interface VrrpRoute {
  readonly destination: string;
  readonly nexthop: string;
}

export interface VrrpVip {
  readonly address: string;
  readonly prefix: 32 | 128;
  /** Of another family than the VRRP packets: it follows without being part of them. */
  readonly excluded: boolean;
  readonly network: string;
  readonly gateway: string | null;
  readonly routes: readonly VrrpRoute[];
}

export interface VrrpConfiguration {
  readonly options: VrrpOptions;
  /** Who speaks, in the log. Without it keepalived asks DNS for the host's name before it starts, which may take long. */
  readonly speaker: string;
  readonly instance: string;
  readonly interface: string;
  readonly routerId: number;
  readonly priority: number;
  /** s */
  readonly advertInterval: number;
  readonly password: string;
  readonly source: string;
  readonly peers: readonly string[];
  readonly vips: readonly VrrpVip[];
}

function vipOf({ address: text, subnet }: VipInSubnet, vrrpFamily: number): VrrpVip {
  const family = isIP(text);
  return {
    address: address('vip_address', text),
    prefix: family === 6 ? 128 : 32,
    excluded: family !== vrrpFamily,
    network: network(`subnet ${subnet.id} cidr`, subnet.cidr),
    gateway: subnet.gatewayIp === null ? null : address(`subnet ${subnet.id} gateway_ip`, subnet.gatewayIp),
    routes: subnet.hostRoutes.map(({ destination, nexthop }) => ({
      destination: network(`subnet ${subnet.id} host route destination`, destination),
      nexthop: address(`subnet ${subnet.id} host route nexthop`, nexthop),
    })),
  };
}

function peersOf(graph: LoadBalancerGraph, own: string): readonly string[] {
  return servingAmphorae(graph)
    .flatMap(({ id, vrrpIp }) => (vrrpIp === null ? [] : [address(`amphora ${id} vrrp_ip`, vrrpIp)]))
    .filter((peer) => peer !== own)
    .toSorted();
}

function required<T>(amphora: Amphora, field: string, value: T | null): T {
  if (value === null) throw new UnrenderableValue(`amphora ${amphora.id} ${field}`, 'must be set for VRRP');
  return value;
}

/** The part of one amphora in its pair. Throws UnrenderableValue, for a load balancer without a VRRP group too. */
export function vrrpConfiguration(
  graph: LoadBalancerGraph,
  amphora: Amphora,
  vips: readonly VipInSubnet[],
  options: VrrpOptions,
): VrrpConfiguration {
  const { vrrpGroup } = graph;
  if (vrrpGroup === null) throw new UnrenderableValue(`load balancer ${graph.id}`, 'must have a VRRP group');
  const source = address(`amphora ${amphora.id} vrrp_ip`, required(amphora, 'vrrp_ip', amphora.vrrpIp));
  const primary = graph.vips.at(0)?.address ?? '';
  return {
    options: { ...options, base: filePath('base path', options.base) },
    speaker: identifier('amphora id', amphora.id),
    instance: identifier('load balancer id', graph.id).replaceAll('-', ''),
    interface: interfaceName('vrrp_interface', required(amphora, 'vrrp_interface', amphora.vrrpInterface)),
    routerId: integer('vrrp_id', required(amphora, 'vrrp_id', amphora.vrrpId), 1, 255),
    priority: integer('vrrp_priority', required(amphora, 'vrrp_priority', amphora.vrrpPriority), 1, 254),
    advertInterval: integer('advert_int', vrrpGroup.advertInterval, 1, 255),
    password: vrrpPassword('vrrp_auth_pass', vrrpGroup.authPassword),
    source,
    peers: peersOf(graph, source),
    vips: orderVips(vips, primary).map((vip) => vipOf(vip, isIP(source))),
  };
}
