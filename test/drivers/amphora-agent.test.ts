/** The REST driver and the agent, each the real one, over mutual TLS: what one renders the other runs. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { upstreamVrrpOptions } from '../../dataplane/keepalived/model.ts';
import { AgentClient } from '../../drivers/amphora/agent-client.ts';
import { AgentConnections, upstreamConnectionOptions } from '../../drivers/amphora/connections.ts';
import { InfoCache } from '../../drivers/amphora/info-cache.ts';
import { RestAmphoraDriver } from '../../drivers/amphora/rest.ts';
import type { CertificateAuthority } from '../../drivers/certificates/contract.ts';
import type { Amphora, LoadBalancerGraph, Member } from '../../model/graph.ts';
import type { PortDetails } from '../../model/network.ts';
import { Lab, tenant, type LabAmphora } from '../agent/support/lab.ts';
import { aLoadBalancer, aMember, anAmphora, aPool, aSubnet, aVip, id } from '../dataplane/builders.ts';

const vip = `${tenant}.100`;
const subnet = aSubnet({ cidr: `${tenant}.0/24`, gatewayIp: null });
const notAfter = new Date(Date.now() + 3_600_000);

let lab: Lab;
let machine: LabAmphora;
let connections: AgentConnections;
let driver: RestAmphoraDriver;
let amphora: Amphora;

/** One client certificate for the whole run, as the real authority keeps its own. */
async function labAuthority(): Promise<CertificateAuthority> {
  const client = { pem: await lab.authority.issue('controller'), notAfter };
  return {
    issueForAmphora: async (name) => ({ pem: await lab.authority.issue(name), notAfter }),
    clientCertificate: () => Promise.resolve(client),
    trustBundle: () => Promise.resolve(lab.authority.pem),
  };
}

beforeAll(async () => {
  lab = await Lab.open();
  machine = await lab.amphora({ number: 31 });
  await lab.member(8081, 'blue');
  await lab.member(8082, 'green');
  await machine.ready();
  connections = new AgentConnections(await labAuthority(), upstreamConnectionOptions);
  driver = new RestAmphoraDriver(new AgentClient(connections), new InfoCache(60_000), {
    paths: { base: machine.base, logSocket: '/run/rsyslog/octavia/log' },
    vrrp: { ...upstreamVrrpOptions, base: machine.base },
  });
  amphora = anAmphora(1, { id: machine.id, lbNetworkIp: machine.address, vrrpIp: machine.vrrpIp });
});

afterAll(async () => {
  await connections.close();
  lab.close();
});

const port = (): PortDetails => ({
  mtu: 1450,
  subnets: [subnet],
  port: {
    id: id(701),
    name: 'vrrp',
    networkId: subnet.networkId,
    macAddress: machine.mac,
    fixedIps: [{ subnetId: subnet.id, address: machine.vrrpIp }],
    allowedAddresses: [vip],
    deviceId: '',
    deviceOwner: 'Octavia',
    adminStateUp: true,
    projectId: null,
    qosPolicyId: null,
  },
});

function graphWith(sequence: number, members: readonly Member[]): LoadBalancerGraph {
  return aLoadBalancer({ sequence, vips: [aVip({ address: vip })], pools: [aPool({ members })], amphorae: [amphora] });
}

const member = (number: number): Member => aMember(number, { address: `${tenant}.1`, protocolPort: 8080 + number });

describe('the REST driver with the real agent', () => {
  test('brings a load balancer into service', async () => {
    expect((await driver.info(amphora)).apiVersion).toBe('1.0');
    await driver.plugVip(amphora, graphWith(1, []), [{ address: vip, subnet }], port());
    await driver.plugVip(amphora, graphWith(1, []), [{ address: vip, subnet }], port());
    expect(await driver.interfaceOf(amphora, vip)).toBe('eth1');
    expect(await driver.interfaceOf(amphora, `${tenant}.77`)).toBeNull();
    await driver.applyListeners(amphora, graphWith(1, [member(1)]));
    expect(lab.fetch(`http://${vip}/`)).toBe('blue');
  });

  test('serves each of many edits by the time that it says so', async () => {
    for (let sequence = 2; sequence <= 13; sequence++) {
      const even = sequence % 2 === 0;
      await driver.applyListeners(amphora, graphWith(sequence, [member(even ? 2 : 1)]));
      expect(lab.fetch(`http://${vip}/`)).toBe(even ? 'green' : 'blue');
    }
  });

  test('is refused an operation that was overtaken', async () => {
    await expect(driver.applyListeners(amphora, graphWith(3, [member(1)]))).rejects.toMatchObject({
      type: 'StaleSequence',
    });
    expect(lab.fetch(`http://${vip}/`)).toBe('blue');
  });

  test('takes HAProxy away and brings it back, unless a newer operation was there', async () => {
    const without = (sequence: number) => driver.applyListeners(amphora, { ...graphWith(sequence, []), listeners: [] });
    await expect(without(12)).rejects.toMatchObject({ type: 'StaleSequence' });
    expect(lab.fetch(`http://${vip}/`)).toBe('blue');
    await without(20);
    expect(machine.pids('haproxy -Ws')).toEqual([]);
    await expect(driver.applyListeners(amphora, graphWith(19, [member(1)]))).rejects.toMatchObject({
      type: 'StaleSequence',
    });
    await driver.applyListeners(amphora, graphWith(21, [member(2)]));
    expect(lab.fetch(`http://${vip}/`)).toBe('green');
  });
});
