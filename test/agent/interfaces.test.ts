import { describe, expect, test } from 'vitest';
import { parseAddress, parseNetwork } from '../../agent/interfaces/addresses.ts';
import {
  portInterfaceFile,
  vipInterfaceFile,
  type InterfaceFile,
  type VipInterface,
} from '../../agent/interfaces/file.ts';
import type { AddressInfo } from '../../agent/interfaces/addresses-in-use.ts';
import { planAddresses, planRoutes, planRules, type RouteInUse, type RuleInUse } from '../../agent/interfaces/plan.ts';

interface InterfaceState {
  readonly addresses: readonly AddressInfo[];
  readonly routes: readonly RouteInUse[];
  readonly rules: readonly RuleInUse[];
}

interface Plan {
  readonly addresses: readonly string[];
  readonly routes: readonly string[];
  readonly rules: readonly string[];
}

const planInterface = (file: InterfaceFile, state: InterfaceState): Plan => ({
  addresses: planAddresses(file, state.addresses),
  routes: planRoutes(file, state.routes),
  rules: planRules(file, state.rules),
});

const vip: VipInterface = {
  name: 'eth1',
  mtu: 1450,
  vips: [
    {
      ipAddress: '10.0.0.9',
      prefixlen: 24,
      gateway: '10.0.0.1',
      hostRoutes: [{ destination: '192.0.2.0/24', nexthop: '10.0.0.2' }],
    },
  ],
  vrrp: { ip: '10.0.0.5', prefixlen: 24 },
  fixedIps: [],
  activeStandby: false,
  isSriov: false,
};

const nothing: InterfaceState = { addresses: [], routes: [], rules: [] };

describe('the file of the VIP interface', () => {
  test('SINGLE: owns the VIP, with a table and a rule for it', () => {
    const onlink = { flags: ['onlink'] };
    expect(vipInterfaceFile(vip)).toEqual({
      name: 'eth1',
      if_type: 'vip',
      mtu: 1450,
      addresses: [
        { address: '10.0.0.5', prefixlen: 24 },
        { address: '10.0.0.9', prefixlen: 32, octavia_owned: true },
      ],
      routes: [
        { dst: '0.0.0.0/0', gateway: '10.0.0.1', ...onlink },
        { dst: '0.0.0.0/0', gateway: '10.0.0.1', ...onlink, table: 1 },
        { dst: '10.0.0.0/24', scope: 'link' },
        { dst: '10.0.0.0/24', prefsrc: '10.0.0.9', scope: 'link', table: 1 },
        { dst: '192.0.2.0/24', gateway: '10.0.0.2', ...onlink },
        { dst: '192.0.2.0/24', gateway: '10.0.0.2', ...onlink, table: 1 },
      ],
      rules: [{ src: '10.0.0.9', src_len: 32, table: 1 }],
      scripts: {
        up: [{ command: '/usr/local/bin/lvs-masquerade.sh add ipv4 eth1' }],
        down: [{ command: '/usr/local/bin/lvs-masquerade.sh delete ipv4 eth1' }],
      },
      is_sriov: false,
    });
  });

  test('ACTIVE_STANDBY: leaves the VIP, its link route and its rule to keepalived', () => {
    const file = vipInterfaceFile({ ...vip, activeStandby: true });
    expect(file.addresses[1]).toEqual({ address: '10.0.0.9', prefixlen: 32, octavia_owned: false });
    expect(file.rules).toEqual([]);
    expect(file.routes.filter(({ prefsrc }) => prefsrc !== undefined)).toEqual([]);
  });
});

test('a member interface without addresses asks DHCP and routers', () => {
  const file = portInterfaceFile({ name: 'eth2', mtu: null, fixedIps: [], isSriov: false });
  expect(file.addresses).toEqual([{ dhcp: true, ipv6auto: true }]);
  expect(file).not.toHaveProperty('mtu');
});

describe('the plan', () => {
  test('sets a new interface up', () => {
    expect(planInterface(vipInterfaceFile(vip), nothing)).toEqual({
      addresses: [
        'link set dev eth1 mtu 1450 up',
        'address add 10.0.0.5/24 dev eth1',
        'address add 10.0.0.9/32 dev eth1',
      ],
      routes: [
        'route add 0.0.0.0/0 via 10.0.0.1 dev eth1 onlink table 254 proto static',
        'route add 0.0.0.0/0 via 10.0.0.1 dev eth1 onlink table 1 proto static',
        'route add 10.0.0.0/24 dev eth1 scope link table 254 proto static',
        'route add 10.0.0.0/24 dev eth1 scope link src 10.0.0.9 table 1 proto static',
        'route add 192.0.2.0/24 via 10.0.0.2 dev eth1 onlink table 254 proto static',
        'route add 192.0.2.0/24 via 10.0.0.2 dev eth1 onlink table 1 proto static',
      ],
      rules: ['rule add from 10.0.0.9/32 table 1 protocol static'],
    });
  });

  test('changes only what differs, and nothing that is not ours', () => {
    const state: InterfaceState = {
      addresses: [
        { local: '10.0.0.5', prefixlen: 24, scope: 'global' },
        { local: '10.0.0.9', prefixlen: 32, scope: 'global' },
        { local: '10.0.0.77', prefixlen: 32, scope: 'global' },
        { local: '10.0.0.88', prefixlen: 24, scope: 'global', dynamic: true },
        { local: 'fe80::1', prefixlen: 64, scope: 'link' },
      ],
      routes: [
        { dst: 'default', gateway: '10.0.0.1' },
        { dst: 'default', gateway: '10.0.0.1', table: '1' },
        { dst: '10.0.0.0/24', prefsrc: '10.0.0.9', table: '1' },
        { dst: '10.0.0.0/24' },
        { dst: '198.51.100.7', gateway: '10.0.0.2' },
      ],
      rules: [
        { src: 'all', table: 'main' },
        { src: '10.0.0.9', table: '1', protocol: 'static' },
        { src: '10.0.0.66', table: '1', protocol: 'static' },
        { src: '10.0.0.67', table: '1', protocol: 'keepalived' },
      ],
    };
    const file = vipInterfaceFile({ ...vip, vips: vip.vips.map((entry) => ({ ...entry, hostRoutes: [] })) });
    expect(planInterface(file, state)).toEqual({
      addresses: ['link set dev eth1 mtu 1450 up', 'address del 10.0.0.77/32 dev eth1'],
      routes: ['route del 198.51.100.7/32 via 10.0.0.2 dev eth1 table 254 proto static'],
      rules: ['rule del from 10.0.0.66/32 table 1'],
    });
  });

  test('neither adds nor removes what keepalived owns', () => {
    const file = vipInterfaceFile({ ...vip, activeStandby: true });
    const held: InterfaceState = { ...nothing, addresses: [{ local: '10.0.0.9', prefixlen: 32, scope: 'global' }] };
    for (const state of [nothing, held])
      expect(planInterface(file, state).addresses).toEqual([
        'link set dev eth1 mtu 1450 up',
        'address add 10.0.0.5/24 dev eth1',
      ]);
  });

  test('compares IPv6 addresses by value', () => {
    const six = parseAddress('2001:db8::9').exploded;
    const file = vipInterfaceFile({
      ...vip,
      vips: [{ ipAddress: six, prefixlen: 64, gateway: null, hostRoutes: [] }],
      vrrp: null,
    });
    const state: InterfaceState = {
      addresses: [{ local: '2001:db8::9', prefixlen: 128, scope: 'global' }],
      routes: [{ dst: '2001:db8::/64' }, { dst: '2001:db8::/64', prefsrc: '2001:db8::9', table: '1' }],
      rules: [{ src: '2001:db8::9', table: '1', protocol: 'static' }],
    };
    expect(planInterface(file, state)).toEqual({ addresses: ['link set dev eth1 mtu 1450 up'], routes: [], rules: [] });
  });
});

describe('addresses', () => {
  test.each([
    [() => parseAddress('10.0.0'), "'10.0.0' does not appear to be an IPv4 or IPv6 address"],
    [() => parseNetwork('10.0.0.1/24'), '10.0.0.1/24 has host bits set'],
    [() => parseNetwork('10.0.0.0/33'), "'10.0.0.0/33' does not appear to be an IPv4 or IPv6 network"],
  ])('are refused in the words of Python’s ipaddress: %#', (parse, message) => {
    expect(parse).toThrow(message);
  });

  test('are written in full length', () => {
    expect(parseAddress('2001:db8::9').exploded).toBe('2001:0db8:0000:0000:0000:0000:0000:0009');
  });
});
