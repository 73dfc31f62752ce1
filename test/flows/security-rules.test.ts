import { expect, test } from 'vitest';
import { securityRules } from '../../activities/vip.ts';
import { aListener, aLoadBalancer, aPair } from '../dataplane/builders.ts';

test('a VIP lets everybody in to each listener, over the transport that its protocol goes over', () => {
  const protocols = ['TCP', 'HTTP', 'HTTPS', 'TERMINATED_HTTPS', 'PROMETHEUS', 'UDP', 'SCTP'] as const;
  const listeners = protocols.map((protocol, at) => aListener({ protocol, protocolPort: 80 + at }));
  expect(securityRules(aLoadBalancer({ listeners }))).toEqual([
    { protocol: 'tcp', port: 80, cidr: null },
    { protocol: 'tcp', port: 81, cidr: null },
    { protocol: 'tcp', port: 82, cidr: null },
    { protocol: 'tcp', port: 83, cidr: null },
    { protocol: 'tcp', port: 84, cidr: null },
    { protocol: 'udp', port: 85, cidr: null },
    { protocol: 'sctp', port: 86, cidr: null },
  ]);
});

test('a listener with allowed CIDRs is let in to from each of them and from nowhere else', () => {
  const allowedCidrs = ['192.0.2.0/24', '2001:db8::/32'];
  expect(securityRules(aLoadBalancer({ listeners: [aListener({ protocolPort: 443, allowedCidrs })] }))).toEqual([
    { protocol: 'tcp', port: 443, cidr: '192.0.2.0/24' },
    { protocol: 'tcp', port: 443, cidr: '2001:db8::/32' },
  ]);
});

test('a listener that is being deleted is shut, one in any other status stays open', () => {
  const statuses = ['ACTIVE', 'PENDING_CREATE', 'PENDING_UPDATE', 'ERROR', 'PENDING_DELETE'] as const;
  const listeners = statuses.map((provisioningStatus, at) => aListener({ provisioningStatus, protocolPort: 80 + at }));
  expect(securityRules(aLoadBalancer({ listeners })).map(({ port }) => port)).toEqual([80, 81, 82, 83]);
});

test('a load balancer without listeners lets nothing in, and a pair its peers and VRRP', () => {
  expect(securityRules(aLoadBalancer({ listeners: [] }))).toEqual([]);
  expect(securityRules(aPair({ listeners: [] }))).toEqual([
    { protocol: 'tcp', port: 1025, cidr: null },
    { protocol: 'vrrp', port: null, cidr: null },
  ]);
});
