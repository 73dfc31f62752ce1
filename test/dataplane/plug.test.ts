import { describe, expect, test } from 'vitest';
import { plugNetwork, plugVip } from '../../dataplane/plug.ts';
import type { PortDetails } from '../../model/network.ts';
import { anAmphora, aSubnet, id } from './builders.ts';

const member = aSubnet({
  id: id(911),
  cidr: '192.0.2.0/24',
  gatewayIp: null,
  hostRoutes: [{ destination: '198.18.0.0/15', nexthop: '192.0.2.2' }],
});
const port: PortDetails = {
  mtu: 1450,
  subnets: [member],
  port: {
    id: id(801),
    name: 'port',
    networkId: member.networkId,
    macAddress: '02:00:00:00:00:01',
    fixedIps: [{ subnetId: member.id, address: '192.0.2.7' }],
    allowedAddresses: [],
    deviceId: '',
    deviceOwner: 'Octavia',
    adminStateUp: true,
    projectId: null,
    qosPolicyId: null,
  },
};
const vip = { address: '203.0.113.10', subnet: aSubnet() };
const second = { address: '192.0.2.9', subnet: member };

describe('the body that plugs a VIP', () => {
  test('has the keys of the wire protocol, the primary VIP at the top and the others beneath', () => {
    expect(plugVip(anAmphora(1), vip.address, [second, vip], port)).toEqual({
      vip: '203.0.113.10',
      body: {
        subnet_cidr: '203.0.113.0/24',
        gateway: '203.0.113.1',
        mac_address: '02:00:00:00:00:01',
        vrrp_ip: '203.0.113.101',
        mtu: 1450,
        host_routes: [],
        additional_vips: [
          {
            subnet_cidr: '192.0.2.0/24',
            ip_address: '192.0.2.9',
            gateway: null,
            host_routes: [{ nexthop: '192.0.2.2', destination: '198.18.0.0/15' }],
          },
        ],
        is_sriov: false,
      },
    });
  });

  test('is refused when the primary VIP comes without its subnet', () => {
    expect(() => plugVip(anAmphora(1), vip.address, [second], port)).toThrow('vip_address: must come with its subnet');
  });
});

describe('the body that plugs a network', () => {
  test('has the keys of the wire protocol', () => {
    expect(plugNetwork(port)).toEqual({
      mac_address: '02:00:00:00:00:01',
      fixed_ips: [
        {
          ip_address: '192.0.2.7',
          subnet_cidr: '192.0.2.0/24',
          host_routes: [{ nexthop: '192.0.2.2', destination: '198.18.0.0/15' }],
          gateway: null,
        },
      ],
      mtu: 1450,
      is_sriov: false,
    });
  });

  test('may be empty of addresses, to strip them', () => {
    expect(plugNetwork({ ...port, port: { ...port.port, fixedIps: [] } }).fixed_ips).toEqual([]);
  });

  test('is refused when an address comes without its subnet', () => {
    expect(() => plugNetwork({ ...port, subnets: [] })).toThrow('fixed_ips: must come with their subnets');
  });
});
