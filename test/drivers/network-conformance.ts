/** What every network driver does, whoever provides the networks. */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { NetworkDriver } from '../../drivers/network/contract.ts';
import type { VipRequest } from '../../model/vip.ts';

/** A place for VIPs that exists: a network with a subnet. */
export interface TestNetwork {
  readonly driver: NetworkDriver;
  readonly networkId: string;
  readonly subnetId: string;
}

export const vipRequest = (part: Partial<VipRequest> = {}): VipRequest => ({
  loadBalancerId: randomUUID(),
  projectId: 'project-1',
  portId: null,
  networkId: null,
  subnetId: null,
  address: null,
  additional: [],
  securityGroupIds: [],
  ...part,
});

export function networkConformance(name: string, makeNetwork: () => Promise<TestNetwork>): void {
  describe(`network driver ${name}`, () => {
    let driver: NetworkDriver;
    let networkId: string;
    let subnetId: string;
    beforeEach(async () => ({ driver, networkId, subnetId } = await makeNetwork()));

    it('answers for a network and a subnet that exist', async () => {
      expect(await driver.network(networkId)).toMatchObject({ id: networkId });
      expect((await driver.network(networkId))?.subnetIds.includes(subnetId)).toBe(true);
      expect(await driver.subnet(subnetId)).toMatchObject({ id: subnetId, networkId });
      expect(await driver.freeAddresses(subnetId)).toBeGreaterThan(0);
    });

    it('gives the same VIP to the same load balancer, however often it is asked', async () => {
      const request = vipRequest({ networkId, subnetId });
      const first = await driver.allocateVip(request);
      expect(await driver.allocateVip(request)).toEqual(first);
      expect(first).toMatchObject({ networkId, subnetId, owned: true, additional: [] });
    });

    it('releases a VIP twice with one effect, its port id lost', async () => {
      const request = vipRequest({ networkId, subnetId });
      await driver.allocateVip(request);
      await driver.releaseVip(request.loadBalancerId, null);
      await expect(driver.releaseVip(request.loadBalancerId, null)).resolves.toBeUndefined();
    });

    it('makes one VRRP port for an amphora, allowed to send from the VIP', async () => {
      const request = vipRequest({ networkId, subnetId });
      const vip = await driver.allocateVip(request);
      const amphora = randomUUID();
      const first = await driver.ensureVrrpPort(amphora, request.loadBalancerId, vip);
      const again = await driver.ensureVrrpPort(amphora, request.loadBalancerId, vip);
      expect(again).toEqual(first);
      expect(first.port).toMatchObject({ name: `octavia-lb-vrrp-${amphora}`, networkId, deviceOwner: 'Octavia' });
      expect(first.port.allowedAddresses).toEqual([vip.address]);
      expect(first.port.fixedIps.map((fixed) => fixed.subnetId)).toEqual([subnetId]);
      expect(first.subnets.map((subnet) => subnet.id)).toEqual([subnetId]);
      expect(first.port.macAddress).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
    });

    it('makes one member port for an amphora on a network', async () => {
      const amphora = randomUUID();
      const first = await driver.ensureMemberPort(amphora, randomUUID(), networkId, [subnetId]);
      const again = await driver.ensureMemberPort(amphora, randomUUID(), networkId, [subnetId]);
      expect(again).toEqual(first);
      expect(first.port).toMatchObject({ name: `octavia-lb-member-${amphora}`, networkId });
      expect(first.port.fixedIps).toHaveLength(1);
    });

    it('takes away the addresses of subnets that are no longer wanted', async () => {
      const amphora = randomUUID();
      await driver.ensureMemberPort(amphora, randomUUID(), networkId, [subnetId]);
      expect((await driver.ensureMemberPort(amphora, randomUUID(), networkId, [])).port.fixedIps).toEqual([]);
    });

    it('finds the ports of an amphora until they are deleted, and deletes twice with one effect', async () => {
      const request = vipRequest({ networkId, subnetId });
      const vip = await driver.allocateVip(request);
      const amphora = randomUUID();
      const { port } = await driver.ensureVrrpPort(amphora, request.loadBalancerId, vip);
      expect((await driver.portsOf(amphora)).map((found) => found.id)).toEqual([port.id]);
      await driver.deletePort(port.id);
      await driver.deletePort(port.id);
      expect(await driver.portsOf(amphora)).toEqual([]);
    });

    it('sets the rules of a load balancer’s security group as often as it is asked', async () => {
      const request = vipRequest({ networkId, subnetId });
      await driver.allocateVip(request);
      const rules = [{ protocol: 'tcp', port: 80, cidr: null }] as const;
      await driver.ensureVipSecurityGroup(request.loadBalancerId, rules);
      await expect(driver.ensureVipSecurityGroup(request.loadBalancerId, rules)).resolves.toBeUndefined();
    });
  });
}
