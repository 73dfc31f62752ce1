/** keepalived.conf out of its model (Octavia: keepalived_base.template). No initial state is written: priorities decide. */
import type { Amphora, LoadBalancerGraph } from '../../model/graph.ts';
import type { VipInSubnet } from '../vip.ts';
import { vrrpConfiguration, type VrrpConfiguration, type VrrpOptions, type VrrpVip } from './model.ts';
import { block, renderBlocks, type Block } from './text.ts';

/** The table that answers from a VIP are routed by. */
const routingTable = 1;

function globalDefinitions({ speaker }: VrrpConfiguration): Block {
  return block('global_defs', [`router_id ${speaker}`]);
}

function checkScript({ options }: VrrpConfiguration): Block {
  return block('vrrp_script check_script', [
    `script ${options.base}/vrrp/check_script.sh`,
    `interval ${options.checkInterval}`,
    `fall ${options.failCount}`,
    `rise ${options.successCount}`,
  ]);
}

/** Octavia writes `gateway` before the next hop of a host route, which keepalived does not know: it leaves such a route out. */
function routesOf(vip: VrrpVip, device: string): readonly string[] {
  const routes = [`${vip.network} dev ${device} src ${vip.address} scope link table ${routingTable}`];
  if (vip.gateway !== null) routes.push(`default via ${vip.gateway} dev ${device} onlink table ${routingTable}`);
  const hostRoutes = vip.routes.map(
    ({ destination, nexthop }) => `${destination} via ${nexthop} dev ${device} onlink table ${routingTable}`,
  );
  return routes.concat(hostRoutes);
}

function instance(configuration: VrrpConfiguration): Block {
  const { options, vips, interface: device } = configuration;
  return block(`vrrp_instance ${configuration.instance}`, [
    `interface ${device}`,
    `virtual_router_id ${configuration.routerId}`,
    `priority ${configuration.priority}`,
    'nopreempt',
    'accept',
    `garp_master_refresh ${options.garpRefreshInterval}`,
    `garp_master_refresh_repeat ${options.garpRefreshCount}`,
    `advert_int ${configuration.advertInterval}`,
    block('authentication', ['auth_type PASS', `auth_pass ${configuration.password}`]),
    `unicast_src_ip ${configuration.source}`,
    block('unicast_peer', configuration.peers),
    block(
      'virtual_ipaddress',
      vips.filter(({ excluded }) => !excluded).map(({ address }) => address),
    ),
    block(
      'virtual_ipaddress_excluded',
      vips.filter(({ excluded }) => excluded).map(({ address }) => address),
    ),
    block(
      'virtual_routes',
      vips.flatMap((vip) => routesOf(vip, device)),
    ),
    block(
      'virtual_rules',
      vips.map(({ address, prefix }) => `from ${address}/${prefix} table ${routingTable} priority 100`),
    ),
    block('track_script', ['check_script']),
  ]);
}

/**
 * keepalived.conf for one amphora of a pair. Its first line carries the operation's sequence number, for our agent to refuse what is
 * older. Throws UnrenderableValue.
 */
export function renderKeepalived(
  graph: LoadBalancerGraph,
  amphora: Amphora,
  vips: readonly VipInSubnet[],
  options: VrrpOptions,
): string {
  const configuration = vrrpConfiguration(graph, amphora, vips, options);
  const blocks = [globalDefinitions(configuration), checkScript(configuration), instance(configuration)];
  return `# weir-sequence=${graph.sequence}\n${renderBlocks(blocks)}`;
}
