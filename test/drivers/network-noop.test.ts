import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { noopNetwork } from '../../drivers/network/noop.ts';
import { openNetworkDriver } from '../../drivers/network/open.ts';
import { openDatabase } from '../../db/database.ts';
import { networkConformance, vipRequest } from './network-conformance.ts';

networkConformance('noop', () =>
  Promise.resolve({ driver: noopNetwork(), networkId: randomUUID(), subnetId: randomUUID() }),
);

describe('network driver noop', () => {
  it('answers with Octavia’s made-up address when none is asked for', async () => {
    expect(await noopNetwork().allocateVip(vipRequest({ subnetId: randomUUID() }))).toMatchObject({
      address: '198.51.100.1',
      owned: true,
    });
  });

  it('repeats what is asked for as it stands', async () => {
    const request = vipRequest({ subnetId: randomUUID(), networkId: randomUUID(), address: '2001:DB8:0:0::5' });
    const { address, networkId, subnetId } = await noopNetwork().allocateVip(request);
    expect({ address, networkId, subnetId }).toEqual({
      address: request.address,
      networkId: request.networkId,
      subnetId: request.subnetId,
    });
  });

  it('has all subnets in one network, so that additional VIPs agree', async () => {
    const driver = noopNetwork();
    const one = await driver.subnet(randomUUID());
    expect((await driver.subnet(randomUUID()))?.networkId).toBe(one?.networkId);
  });

  it('knows every port, without an address', async () => {
    expect(await noopNetwork().port(randomUUID())).toMatchObject({ fixedIps: [], deviceId: '' });
  });

  it('gives the same answer in every process', async () => {
    const request = vipRequest({ subnetId: randomUUID() });
    expect(await noopNetwork().allocateVip(request)).toEqual(await noopNetwork().allocateVip(request));
  });

  it('is opened by its name and asks no database', async () => {
    const db = openDatabase({
      url: 'postgres://nobody@127.0.0.1:1/none',
      maxConnections: 1,
      applicationName: 'test',
      connectionTimeoutMs: 100,
    });
    expect(await openNetworkDriver({ networkDriver: 'noop' }, db).freeAddresses(randomUUID())).toBe(254);
    await db.destroy();
  });
});
