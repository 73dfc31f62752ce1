import { describe, expect, test } from 'vitest';
import { upstreamVrrpOptions } from '../../dataplane/keepalived/model.ts';
import { renderKeepalived } from '../../dataplane/keepalived/render.ts';
import type { VipInSubnet } from '../../dataplane/vip.ts';
import type { LoadBalancerGraph } from '../../model/graph.ts';
import { aLoadBalancer, anAmphora, aPair, aSubnet, aVip } from './builders.ts';
import { golden } from './golden.ts';
import { keepalivedAccepts } from './real-tools.ts';

const vip: VipInSubnet = { address: '203.0.113.10', subnet: aSubnet() };
const vipWithRoutes: VipInSubnet = {
  address: '203.0.113.10',
  subnet: aSubnet({ cidr: '203.0.113.77/24', hostRoutes: [{ destination: '198.18.0.0/15', nexthop: '203.0.113.2' }] }),
};
const vip6: VipInSubnet = {
  address: '2001:db8::10',
  subnet: aSubnet({ cidr: '2001:db8::/64', ipVersion: 6, gatewayIp: '2001:db8::1' }),
};
const withoutGateway: VipInSubnet = { address: '203.0.113.9', subnet: aSubnet({ gatewayIp: null }) };

const features: Readonly<Record<string, { graph: LoadBalancerGraph; vips: readonly VipInSubnet[] }>> = {
  'keepalived-pair': { graph: aPair(), vips: [vip] },
  'keepalived-host-routes': { graph: aPair(), vips: [vipWithRoutes] },
  'keepalived-additional-vips': {
    graph: aPair({ vips: [aVip(), aVip({ address: vip6.address }), aVip({ address: withoutGateway.address })] }),
    vips: [vip6, withoutGateway, vip],
  },
};

function render(graph: LoadBalancerGraph, vips: readonly VipInSubnet[], number = 1): string {
  const amphora = graph.amphorae[number - 1] ?? anAmphora(number);
  return renderKeepalived(graph, amphora, vips, upstreamVrrpOptions);
}

describe('keepalived.conf', () => {
  test.each(Object.entries(features))(
    'of %s is as its golden file and keepalived takes it',
    (name, { graph, vips }) => {
      const text = render(graph, vips);
      expect(text).toBe(golden(`${name}.conf`, text));
      expect(keepalivedAccepts(text)).toEqual({ accepted: true, output: '' });
    },
  );

  test('gives each amphora its own priority, address and peer', () => {
    const text = render(aPair(), [vip], 2);
    expect(text).toContain('priority 90\n');
    expect(text).toContain('unicast_src_ip 203.0.113.102\n');
    expect(text).toContain('unicast_peer {\n        203.0.113.101\n    }');
  });

  test('leaves out peers that are not in service', () => {
    const graph = aPair({ amphorae: [...aPair().amphorae, anAmphora(3, { status: 'ERROR' })] });
    expect(render(graph, [vip])).not.toContain('203.0.113.103');
  });

  test.each([
    ['a single amphora', aLoadBalancer(), 'must have a VRRP group'],
    [
      'a password with a new line',
      aPair({ vrrpGroup: { name: '', authPassword: 'a\nb', advertInterval: 1 } }),
      'vrrp_auth_pass',
    ],
    ['a VIP with a line of its own', aPair(), 'vip_address'],
  ])('is refused for %s', (_name, graph, message) => {
    const vips = message === 'vip_address' ? [{ ...vip, address: '203.0.113.10\n}' }] : [vip];
    expect(() => render(graph, vips)).toThrow(message);
  });
});
