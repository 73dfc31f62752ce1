import { afterAll, beforeAll, expect, test } from 'vitest';
import { Lab, tenant, until, type LabAmphora } from './support/lab.ts';

const vip = `${tenant}.100`;
const vip6 = '2001:db8:0:0::9';
const memberMac = '02:00:00:00:02:41';

let lab: Lab;
let amphora: LabAmphora;

beforeAll(async () => {
  lab = await Lab.open();
  amphora = await lab.amphora({ number: 41 });
  await amphora.ready();
});

afterAll(() => lab.close());

const addresses = (name: string): string[] =>
  amphora
    .inside('ip', '-br', 'addr', 'show', name)
    .split(/\s+/)
    .slice(2)
    .filter((address) => address.includes('/') && !address.startsWith('fe80'))
    .toSorted();

test('plugs VIPs of both families, each with its table and rule', async () => {
  const body = {
    subnet_cidr: `${tenant}.0/24`,
    gateway: `${tenant}.1`,
    mac_address: amphora.mac,
    vrrp_ip: amphora.vrrpIp,
    mtu: 1400,
    additional_vips: [{ ip_address: vip6, subnet_cidr: '2001:db8::/64', gateway: '2001:db8::1', host_routes: [] }],
  };
  const { status, json } = await amphora.call('POST', `/plug/vip/${vip}`, body);
  expect([status, json]).toEqual([
    202,
    { message: 'OK', details: `VIPs plugged on interface eth1: ${vip}, 2001:0db8:0000:0000:0000:0000:0000:0009` },
  ]);
  expect(addresses('eth1')).toEqual([`${tenant}.100/32`, `${tenant}.41/24`, '2001:db8::9/128'].toSorted());
  expect(amphora.inside('ip', 'route', 'show', 'table', '1')).toContain(`default via ${tenant}.1 dev eth1`);
  expect(amphora.inside('ip', '-6', 'route', 'show', 'table', '1')).toContain('default via 2001:db8::1 dev eth1');
  expect(amphora.inside('ip', '-6', 'rule')).toContain('from 2001:db8::9 lookup 1');
  expect(amphora.inside('ip', 'link', 'show', 'eth1')).toContain('mtu 1400');
  expect((await amphora.call('GET', '/interface/2001:db8::9')).json).toEqual({ message: 'OK', interface: 'eth1' });
});

test('plugs a member network, changes its addresses, and takes them away', async () => {
  amphora.attachPort('port1', memberMac);
  const fixed = (last: number): object => ({
    ip_address: `10.213.79.${last}`,
    subnet_cidr: '10.213.79.0/24',
    host_routes: [{ destination: '192.0.2.0/24', nexthop: '10.213.79.1' }],
  });
  const plug = async (fixedIps: object[]): Promise<unknown> =>
    (await amphora.call('POST', '/plug/network', { mac_address: memberMac, fixed_ips: fixedIps })).json;
  expect(await plug([fixed(5)])).toEqual({ message: 'OK', details: 'Plugged on interface eth2' });
  expect(addresses('eth2')).toEqual(['10.213.79.5/24']);
  expect(amphora.inside('ip', 'route')).toContain('192.0.2.0/24 via 10.213.79.1 dev eth2');
  expect(await plug([fixed(6), fixed(7)])).toEqual({ message: 'OK', details: 'Updated existing interface eth2' });
  expect(addresses('eth2')).toEqual(['10.213.79.6/24', '10.213.79.7/24']);
  const refused = await amphora.call('POST', '/plug/network', {
    mac_address: memberMac,
    fixed_ips: [{ ip_address: 'x' }],
  });
  expect([refused.status, refused.json]).toEqual([400, { message: 'Invalid network port' }]);
  expect(addresses('eth2')).toEqual(['10.213.79.6/24', '10.213.79.7/24']);
});

test('changes the VIPs of the VRRP port and keeps those that stay', async () => {
  const vipInfo = { vip, subnet_cidr: `${tenant}.0/24`, gateway: null, vrrp_ip: amphora.vrrpIp, additional_vips: [] };
  const body = { mac_address: amphora.mac, fixed_ips: [], mtu: 1400, vip_net_info: vipInfo };
  expect((await amphora.call('POST', '/plug/network', body)).status).toBe(202);
  expect(addresses('eth1')).toEqual([`${tenant}.100/32`, `${tenant}.41/24`]);
  expect(amphora.inside('ip', '-6', 'rule')).not.toContain('2001:db8::9');
  expect(amphora.inside('ip', 'route')).not.toContain('default');
});

test('a new agent finds all as it is, and changes nothing', async () => {
  const state = (): string =>
    amphora.inside('sh', '-c', 'ip -br addr; ip route show table all; ip rule; ip -6 route show table all; ip -6 rule');
  await until('duplicate address detection is over', () => !amphora.inside('ip', 'addr').includes('tentative'));
  const before = state();
  const [agent = 0] = amphora.pids('start.mjs');
  process.kill(agent, 'SIGKILL');
  await until('another agent runs', () => amphora.pids('start.mjs').some((pid) => pid !== agent));
  await amphora.ready();
  expect(state()).toBe(before);
});

test.each([
  [{}, 400, { error: '400 Bad Request: Invalid subnet information', http_code: 400 }],
  [{ subnet_cidr: '10.0.0.1/24' }, 400, { message: 'Invalid VIP: 10.0.0.1/24 has host bits set' }],
  [
    { subnet_cidr: '10.0.0.0/24', vrrp_ip: 'x' },
    400,
    { message: "Invalid VRRP Address: 'x' does not appear to be an IPv4 or IPv6 address" },
  ],
  [{ subnet_cidr: '10.0.0.0/24' }, 404, { details: 'No suitable network interface found' }],
])('refuses to plug a VIP with %j', async (fields, status, answer) => {
  const network = 'subnet_cidr' in fields ? { gateway: null, mac_address: '02:00:00:00:00:fe' } : {};
  const refused = await amphora.call('POST', '/plug/vip/10.0.0.9', { ...network, ...fields });
  expect([refused.status, refused.json]).toEqual([status, answer]);
});
