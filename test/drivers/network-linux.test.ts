import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from '../../db/database.ts';
import type { NetworkDriver } from '../../drivers/network/contract.ts';
import { linuxNetwork } from '../../drivers/network/linux.ts';
import { openNetworkDriver } from '../../drivers/network/open.ts';
import { createNetwork, createPort, createSubnet } from '../../drivers/network/provision.ts';
import { networkConformance, vipRequest } from './network-conformance.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
let db: Db;
let driver: NetworkDriver;
beforeAll(async () => {
  database = await freshDatabase();
  db = database.db;
  driver = openNetworkDriver({ networkDriver: 'linux' }, db);
});
afterAll(() => database.drop());

async function network(): Promise<string> {
  return (await createNetwork(db, { name: 'front', projectId: 'project-1' })).id;
}

async function subnet(networkId: string, cidr = '192.0.2.0/24'): Promise<string> {
  return (await createSubnet(db, { networkId, name: '', projectId: 'project-1', cidr })).id;
}

async function subnetIn(cidr?: string): Promise<string> {
  return subnet(await network(), cidr);
}

networkConformance('linux', async () => {
  const networkId = await network();
  return { driver: linuxNetwork(db), networkId, subnetId: await subnet(networkId) };
});

const portCount = async (): Promise<number> =>
  Number((await db.selectFrom('port').select(db.fn.countAll().as('count')).executeTakeFirstOrThrow()).count);

describe('VIPs of the linux driver', () => {
  it('never gives one address to two load balancers that ask at once', async () => {
    const subnetId = await subnetIn();
    const vips = await Promise.all(Array.from({ length: 40 }, () => driver.allocateVip(vipRequest({ subnetId }))));
    expect(new Set(vips.map((vip) => vip.address)).size).toBe(40);
    expect(vips.map((vip) => vip.address)).not.toContain('192.0.2.1');
    expect(vips.map((vip) => vip.address)).not.toContain('192.0.2.0');
  });

  it('gives one VIP to one load balancer that asks many times at once', async () => {
    const request = vipRequest({ subnetId: await subnetIn() });
    const vips = await Promise.all(Array.from({ length: 10 }, () => driver.allocateVip(request)));
    expect(new Set(vips.map((vip) => vip.portId)).size).toBe(1);
  });

  it('ends with AddressesExhausted when the subnet is full, and leaves no port behind', async () => {
    const subnetId = await subnetIn('198.51.100.0/29');
    for (let index = 0; index < 5; index += 1) await driver.allocateVip(vipRequest({ subnetId }));
    const before = await portCount();
    await expect(driver.allocateVip(vipRequest({ subnetId }))).rejects.toMatchObject({ type: 'AddressesExhausted' });
    expect(await portCount()).toBe(before);
    expect(await driver.freeAddresses(subnetId)).toBe(0);
  });

  it('takes the address that is asked for, and refuses it to the next with VipInUse', async () => {
    const subnetId = await subnetIn();
    const vip = await driver.allocateVip(vipRequest({ subnetId, address: '192.0.2.77' }));
    expect(vip.address).toBe('192.0.2.77');
    await expect(driver.allocateVip(vipRequest({ subnetId, address: '192.0.2.77' }))).rejects.toMatchObject({
      type: 'VipInUse',
      message: `IP address 192.0.2.77 already allocated in subnet ${subnetId}`,
    });
  });

  it('refuses the gateway, addresses of other subnets, and the broadcast address', async () => {
    const subnetId = await subnetIn();
    const allocate = (address: string): Promise<unknown> => driver.allocateVip(vipRequest({ subnetId, address }));
    await expect(allocate('192.0.2.1')).rejects.toMatchObject({ type: 'VipInUse' });
    await expect(allocate('203.0.113.9')).rejects.toMatchObject({ type: 'NetworkNotFound' });
    await expect(allocate('192.0.2.255')).rejects.toMatchObject({ type: 'NetworkNotFound' });
    await expect(allocate('nonsense')).rejects.toMatchObject({ type: 'NetworkNotFound' });
  });

  it('writes an IPv6 address in its canonical form and knows it again in another', async () => {
    const subnetId = await subnetIn('2001:db8::/64');
    const request = vipRequest({ subnetId, address: '2001:DB8:0:0::5' });
    const vip = await driver.allocateVip(request);
    expect(vip.address).toBe('2001:db8::5');
    expect(await driver.allocateVip(request)).toEqual(vip);
    expect((await driver.allocateVip(vipRequest({ subnetId }))).address).toBe('2001:db8::2');
  });

  it('chooses the IPv4 subnet of a network, and the one that holds an address', async () => {
    const networkId = await network();
    const v6 = await subnet(networkId, '2001:db8:1::/64');
    const v4 = await subnet(networkId, '192.0.2.0/24');
    expect((await driver.allocateVip(vipRequest({ networkId }))).subnetId).toBe(v4);
    expect((await driver.allocateVip(vipRequest({ networkId, address: '2001:db8:1::9' }))).subnetId).toBe(v6);
  });

  it('puts additional VIPs on the same port', async () => {
    const networkId = await network();
    const v4 = await subnet(networkId);
    const v6 = await subnet(networkId, '2001:db8:2::/64');
    const request = vipRequest({ subnetId: v4, additional: [{ subnetId: v6, address: null }] });
    const vip = await driver.allocateVip(request);
    expect(vip.additional).toEqual([{ subnetId: v6, address: '2001:db8:2::2', portId: vip.portId, networkId }]);
    const details = await driver.ensureVrrpPort(randomUUID(), request.loadBalancerId, vip);
    expect(details.port.allowedAddresses).toEqual([vip.address, '2001:db8:2::2']);
  });

  it('uses a user’s own port and leaves it alone at release', async () => {
    const networkId = await network();
    await subnet(networkId);
    const own = await createPort(db, { networkId, name: 'mine', projectId: 'project-1' });
    const request = vipRequest({ portId: own.id });
    const vip = await driver.allocateVip(request);
    expect(vip).toMatchObject({ portId: own.id, owned: false, address: own.fixedIps[0]?.address });
    await driver.releaseVip(request.loadBalancerId, own.id);
    expect(await driver.port(own.id)).toEqual(own);
  });

  it('refuses a user’s port that lacks the address', async () => {
    const networkId = await network();
    await subnet(networkId);
    const own = await createPort(db, { networkId, name: 'mine', projectId: 'project-1' });
    const request = vipRequest({ portId: own.id, address: '192.0.2.99' });
    await expect(driver.allocateVip(request)).rejects.toMatchObject({ type: 'NetworkNotFound' });
    expect(await driver.port(own.id)).toEqual(own);
  });

  it('deletes its own port and frees the address at release', async () => {
    const subnetId = await subnetIn();
    const request = vipRequest({ subnetId, address: '192.0.2.50' });
    const vip = await driver.allocateVip(request);
    await driver.ensureVipSecurityGroup(request.loadBalancerId, [{ protocol: 'tcp', port: 80, cidr: null }]);
    await driver.releaseVip(request.loadBalancerId, vip.portId);
    expect(await driver.port(vip.portId)).toBeNull();
    const groups = await db.selectFrom('security_group').selectAll().execute();
    expect(groups.map((group) => group.name)).not.toContain(`lb-${request.loadBalancerId}`);
    expect((await driver.allocateVip(vipRequest({ subnetId, address: '192.0.2.50' }))).address).toBe('192.0.2.50');
  });

  it('keeps the rules of the security group and puts it on the VIP port and the VRRP ports', async () => {
    const request = vipRequest({ subnetId: await subnetIn() });
    const vip = await driver.allocateVip(request);
    const { port } = await driver.ensureVrrpPort(randomUUID(), request.loadBalancerId, vip);
    await driver.ensureVipSecurityGroup(request.loadBalancerId, [{ protocol: 'tcp', port: 80, cidr: '10.0.0.0/8' }]);
    const group = await db
      .selectFrom('security_group')
      .selectAll()
      .where('name', '=', `lb-${request.loadBalancerId}`)
      .executeTakeFirstOrThrow();
    expect(group.rules).toEqual([{ protocol: 'tcp', port: 80, cidr: '10.0.0.0/8' }]);
    expect(await driver.securityGroupExists(group.id)).toBe(true);
    const rows = await db.selectFrom('port').selectAll().where('id', 'in', [vip.portId, port.id]).execute();
    expect(rows.map((row) => row.security_group_ids)).toEqual([[group.id], [group.id]]);
  });

  it('says NetworkNotFound for what does not exist, whatever the id looks like', async () => {
    for (const id of [randomUUID(), 'nope']) {
      await expect(driver.allocateVip(vipRequest({ subnetId: id }))).rejects.toMatchObject({ type: 'NetworkNotFound' });
      await expect(driver.allocateVip(vipRequest({ networkId: id }))).rejects.toMatchObject({
        type: 'NetworkNotFound',
      });
      await expect(driver.allocateVip(vipRequest({ portId: id }))).rejects.toMatchObject({ type: 'NetworkNotFound' });
      expect(await driver.network(id)).toBeNull();
      expect(await driver.subnet(id)).toBeNull();
      expect(await driver.port(id)).toBeNull();
      expect(await driver.portDetails(id)).toBeNull();
      expect(await driver.securityGroupExists(id)).toBe(false);
      await driver.deletePort(id);
    }
  });
});

describe('amphora ports of the linux driver', () => {
  it('lets an amphora have a member port on each of two networks', async () => {
    const amphora = randomUUID();
    const [one, two] = [await network(), await network()];
    await driver.ensureMemberPort(amphora, randomUUID(), one, [await subnet(one)]);
    await driver.ensureMemberPort(amphora, randomUUID(), two, [await subnet(two)]);
    expect((await driver.portsOf(amphora)).map((port) => port.networkId).sort()).toEqual([one, two].sort());
  });

  it('has an address in each subnet that is wanted and in no other', async () => {
    const networkId = await network();
    const [one, two] = [await subnet(networkId), await subnet(networkId, '2001:db8:3::/64')];
    const amphora = randomUUID();
    const subnetsNow = async (wanted: string[]): Promise<string[]> => {
      const { port, subnets } = await driver.ensureMemberPort(amphora, randomUUID(), networkId, wanted);
      expect(subnets.map((found) => found.id).sort()).toEqual([...wanted].sort());
      return port.fixedIps.map((fixed) => fixed.subnetId).sort();
    };
    expect(await subnetsNow([one])).toEqual([one]);
    expect(await subnetsNow([one, two])).toEqual([one, two].sort());
    expect(await subnetsNow([two])).toEqual([two]);
  });

  it('gives every port a MAC address of its own with Neutron’s prefix', async () => {
    const networkId = await network();
    await subnet(networkId);
    const ports = await Promise.all(
      Array.from({ length: 30 }, () => driver.ensureMemberPort(randomUUID(), randomUUID(), networkId, [])),
    );
    const macs = ports.map(({ port }) => port.macAddress);
    expect(new Set(macs).size).toBe(30);
    for (const mac of macs) expect(mac).toMatch(/^fa:16:3e(:[0-9a-f]{2}){3}$/);
  });
});
