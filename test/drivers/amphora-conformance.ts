/** What every amphora driver must do, whoever implements it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AmphoraDriver } from '../../drivers/amphora/contract.ts';
import type { Amphora } from '../../model/graph.ts';
import type { PortDetails } from '../../model/network.ts';
import { anAmphora, aPair, aSubnet, id } from '../dataplane/builders.ts';

export interface AmphoraHarness {
  readonly driver: AmphoraDriver;
  /** One that is up. */
  readonly amphora: Amphora;
  close(): Promise<void>;
}

const vips = [{ address: '203.0.113.10', subnet: aSubnet() }];

export function aPort(number: number, address = '203.0.113.101'): PortDetails {
  return {
    mtu: 1450,
    subnets: [aSubnet()],
    port: {
      id: id(700 + number),
      name: `port-${number}`,
      networkId: id(902),
      macAddress: `02:00:00:00:00:0${number}`,
      fixedIps: [{ subnetId: id(901), address }],
      allowedAddresses: [],
      deviceId: '',
      deviceOwner: 'Octavia',
      adminStateUp: true,
      projectId: null,
      qosPolicyId: null,
    },
  };
}

export function amphoraConformance(open: (amphora: Amphora) => Promise<AmphoraHarness>): void {
  describe('an amphora driver', () => {
    let harness: AmphoraHarness;
    const graph = aPair();

    beforeEach(async () => {
      harness = await open(anAmphora(1, { role: 'MASTER', vrrpPriority: 100, lbNetworkIp: '127.0.0.1' }));
    });
    afterEach(() => harness.close());

    test('tells what an amphora is', async () => {
      const info = await harness.driver.info(harness.amphora);
      expect(info.apiVersion).toBe('1.0');
      expect(info.haproxyVersion).toMatch(/^\d+\.\d+/);
      expect(info.hostname).not.toBe('');
    });

    test('finds the interface of the VRRP address', async () => {
      expect(await harness.driver.interfaceOf(harness.amphora, '203.0.113.101')).toBe('eth1');
    });

    const calls: Readonly<Record<string, (driver: AmphoraDriver, amphora: Amphora) => Promise<void>>> = {
      plugVip: (driver, amphora) => driver.plugVip(amphora, graph, vips, aPort(1)),
      plugNetwork: (driver, amphora) => driver.plugNetwork(amphora, aPort(2)),
      applyListeners: (driver, amphora) => driver.applyListeners(amphora, graph),
      'applyListeners without listeners': (driver, amphora) =>
        driver.applyListeners(amphora, { ...graph, listeners: [] }),
      applyVrrp: (driver, amphora) => driver.applyVrrp(amphora, graph, vips),
      rotateCertificate: (driver, amphora) => driver.rotateCertificate(amphora, 'certificate and key'),
    };
    test.each(Object.entries(calls))('takes %s twice', async (_name, call) => {
      await call(harness.driver, harness.amphora);
      await expect(call(harness.driver, harness.amphora)).resolves.toBeUndefined();
    });
  });
}
