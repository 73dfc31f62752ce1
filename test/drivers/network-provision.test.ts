import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from '../../db/database.ts';
import { linuxNetwork } from '../../drivers/network/linux.ts';
import {
  createNetwork,
  createPort,
  createSubnet,
  deleteNetwork,
  deleteSubnet,
  deleteTenantPort,
} from '../../drivers/network/provision.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
let db: Db;
beforeAll(async () => {
  database = await freshDatabase();
  db = database.db;
});
afterAll(() => database.drop());

const named = { name: 'n', projectId: null };

async function networkId(): Promise<string> {
  return (await createNetwork(db, named)).id;
}

describe('networks', () => {
  it('clears host bits, and takes the first address as the gateway', async () => {
    const id = await networkId();
    const v4 = await createSubnet(db, { ...named, networkId: id, cidr: '10.1.2.3/24' });
    expect(v4).toMatchObject({ cidr: '10.1.2.0/24', gatewayIp: '10.1.2.1', ipVersion: 4 });
    const v6 = await createSubnet(db, { ...named, networkId: id, cidr: '2001:DB8::/64', gatewayIp: null });
    expect(v6).toMatchObject({ cidr: '2001:db8::/64', gatewayIp: null, ipVersion: 6 });
    expect(await linuxNetwork(db).subnet(v6.id)).toEqual(v6);
  });

  it.each([
    ['cidr', { cidr: '10.0.0.0' }],
    ['cidr', { cidr: '10.0.0.0/33' }],
    ['cidr', { cidr: '10.0.0.0/31' }],
    ['cidr', { cidr: '10/8' }],
    ['cidr', { cidr: 'x/8' }],
    ['gateway_ip', { gatewayIp: '10.9.9.9' }],
    ['gateway_ip', { gatewayIp: 'x' }],
    ['host_routes', { hostRoutes: [{ destination: '10.0.0.0', nexthop: '10.0.0.9' }] }],
    ['host_routes', { hostRoutes: [{ destination: '10.0.0.0/8', nexthop: 'x' }] }],
    ['name', { name: 'n'.repeat(256) }],
  ])('names the field %s that is wrong: %o', async (field, part) => {
    const id = await networkId();
    await expect(createSubnet(db, { ...named, networkId: id, cidr: '10.5.0.0/24', ...part })).rejects.toMatchObject({
      name: 'InvalidNetwork',
      field,
    });
    expect((await linuxNetwork(db).network(id))?.subnetIds).toEqual([]);
  });

  it('refuses a subnet that overlaps with another of the network, also when both are made at once', async () => {
    const id = await networkId();
    const made = await Promise.allSettled(
      ['10.6.0.0/16', '10.6.1.0/24'].map((cidr) => createSubnet(db, { ...named, networkId: id, cidr })),
    );
    expect(made.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('refuses an MTU that IPv6 cannot live with', async () => {
    await expect(createNetwork(db, { ...named, mtu: 1279 })).rejects.toMatchObject({ field: 'mtu' });
  });

  it('says NetworkNotFound for a network that does not exist', async () => {
    await expect(createSubnet(db, { ...named, networkId: randomUUID(), cidr: '10.0.0.0/8' })).rejects.toMatchObject({
      type: 'NetworkNotFound',
    });
  });

  it('deletes a network with its subnets, but not while a port uses it, and twice with one effect', async () => {
    const id = await networkId();
    const subnet = await createSubnet(db, { ...named, networkId: id, cidr: '10.7.0.0/24' });
    const port = await createPort(db, { ...named, networkId: id });
    await expect(deleteNetwork(db, id)).rejects.toMatchObject({ field: 'network' });
    await expect(deleteSubnet(db, subnet.id)).rejects.toMatchObject({ field: 'subnet' });
    await deleteTenantPort(db, port.id);
    await deleteNetwork(db, id);
    await deleteNetwork(db, id);
    await deleteSubnet(db, subnet.id);
    expect(await linuxNetwork(db).network(id)).toBeNull();
    expect(await linuxNetwork(db).subnet(subnet.id)).toBeNull();
  });
});

describe('ports of users', () => {
  it('get an address of the first subnet when none is named, and the MAC address that is asked for', async () => {
    const id = await networkId();
    await createSubnet(db, { ...named, networkId: id, cidr: '10.8.0.0/24' });
    const port = await createPort(db, { ...named, networkId: id, macAddress: 'FA:16:3E:00:00:01' });
    expect(port).toMatchObject({ macAddress: 'fa:16:3e:00:00:01', fixedIps: [{ address: '10.8.0.2' }] });
    await expect(createPort(db, { ...named, networkId: id, macAddress: 'fa:16:3e:00:00:01' })).rejects.toMatchObject({
      type: 'VipInUse',
    });
  });

  it('are refused with a multicast MAC address or an address that is none', async () => {
    const id = await networkId();
    const { id: subnetId } = await createSubnet(db, { ...named, networkId: id, cidr: '10.9.0.0/24' });
    await expect(createPort(db, { ...named, networkId: id, macAddress: '01:00:5e:00:00:01' })).rejects.toMatchObject({
      field: 'mac_address',
    });
    await expect(
      createPort(db, { ...named, networkId: id, addresses: [{ subnetId, address: '10.9.0.x' }] }),
    ).rejects.toMatchObject({ field: 'fixed_ips' });
  });
});
