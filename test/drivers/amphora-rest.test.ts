import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AgentClient } from '../../drivers/amphora/agent-client.ts';
import {
  AgentConnections,
  upstreamConnectionOptions,
  type ConnectionOptions,
} from '../../drivers/amphora/connections.ts';
import { InfoCache } from '../../drivers/amphora/info-cache.ts';
import { RestAmphoraDriver } from '../../drivers/amphora/rest.ts';
import type { Amphora } from '../../model/graph.ts';
import { aListener, aLoadBalancer, anAmphora, aPair, aPersistence, aPool, aSubnet, id } from '../dataplane/builders.ts';
import { AgentDouble } from './amphora-agent-double.ts';
import { MemoryAuthority } from './amphora-authority.ts';
import { amphoraConformance, aPort } from './amphora-conformance.ts';

const amphora = anAmphora(1, { role: 'MASTER', vrrpPriority: 100, lbNetworkIp: '127.0.0.1' });
const graph = aLoadBalancer();
const upload = `PUT /1.0/loadbalancer/${amphora.id}/${graph.id}/haproxy`;
const reload = `PUT /1.0/loadbalancer/${graph.id}/reload`;
const readBack = `GET /1.0/loadbalancer/${graph.id}/haproxy`;
const vips = [{ address: '203.0.113.10', subnet: aSubnet() }];

let authority: MemoryAuthority;
beforeAll(async () => {
  authority = await MemoryAuthority.create();
});

function open(port: number, options: Partial<ConnectionOptions> = {}, ttl = 60_000) {
  const connections = new AgentConnections(authority, { ...upstreamConnectionOptions, port, ...options });
  return { connections, driver: new RestAmphoraDriver(new AgentClient(connections), new InfoCache(ttl)) };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('waited 30 s in vain');
    await sleep(5);
  }
}

amphoraConformance(async (up: Amphora) => {
  const agent = await AgentDouble.start(authority, up.id);
  const { connections, driver } = open(agent.port);
  const close = async (): Promise<void> => {
    await connections.close();
    await agent.stop();
  };
  return { driver, amphora: up, close };
});

describe('the REST amphora driver', () => {
  let agent: AgentDouble;
  let connections: AgentConnections;
  let driver: RestAmphoraDriver;

  beforeEach(async () => {
    agent = await AgentDouble.start(authority, amphora.id);
    ({ connections, driver } = open(agent.port));
  });
  afterEach(async () => {
    await connections.close();
    await agent.stop();
  });

  test('applies listeners by upload, reload and reading back', async () => {
    await driver.applyListeners(amphora, graph);
    expect(agent.routes).toEqual(['GET /1.0/info', upload, reload, readBack]);
    expect(agent.received[1]?.body).toContain('description weir-sequence=7\n');
  });

  test('needs three calls on one connection for an edit of an amphora that it knows', async () => {
    await driver.info(amphora);
    agent.received.length = 0;
    await driver.applyListeners(amphora, graph);
    await driver.applyListeners(amphora, { ...graph, sequence: 8 });
    expect(agent.routes).toEqual([upload, reload, readBack, upload, reload, readBack]);
    expect(agent.connections).toBe(1);
  });

  test('asks for the version again when it has not heard it lately', async () => {
    const forgetful = open(agent.port, {}, 0);
    await forgetful.driver.info(amphora);
    await forgetful.driver.applyListeners(amphora, graph);
    await forgetful.connections.close();
    expect(agent.routes.filter((route) => route === 'GET /1.0/info')).toHaveLength(2);
  });

  test.each([
    ['without listeners', { ...graph, listeners: [] }],
    [
      'whose last listener is on its way out',
      { ...graph, listeners: [aListener({ provisioningStatus: 'PENDING_DELETE' })] },
    ],
    ['that is disabled', { ...graph, adminStateUp: false }],
  ])('takes HAProxy away from a load balancer %s', async (_name, idle) => {
    await driver.applyListeners(amphora, idle);
    expect(agent.routes).toEqual([`DELETE /1.0/listeners/${graph.id}?sequence=7`]);
  });

  test.each(['7', '8'])('is content when the agent says that it runs sequence %s of 7', async (running) => {
    agent.answer(readBack, { status: 200, body: '', headers: { 'x-weir-running-sequence': running } });
    await expect(driver.applyListeners(amphora, graph)).resolves.toBeUndefined();
  });

  test('fails when the agent still runs an older configuration', async () => {
    agent.answer(readBack, { status: 200, body: '', headers: { 'x-weir-running-sequence': '6' } });
    await expect(driver.applyListeners(amphora, graph)).rejects.toMatchObject({ type: 'AgentFailed' });
  });

  test('tells what HAProxy has against a configuration', async () => {
    agent.answer(upload, { status: 400, body: { message: 'Invalid request', details: 'line 7: unknown keyword' } });
    await expect(driver.applyListeners(amphora, graph)).rejects.toMatchObject({
      type: 'ConfigurationRefused',
      message: `amphora ${amphora.id} answered ${upload} with 400: Invalid request: line 7: unknown keyword`,
    });
    expect(agent.routes).not.toContain(reload);
  });

  test('refuses what cannot be rendered before it sends anything', async () => {
    const hostile = aPool({ sessionPersistence: aPersistence({ type: 'APP_COOKIE', cookieName: 'a\nb' }) });
    await expect(driver.applyListeners(amphora, { ...graph, pools: [hostile] })).rejects.toMatchObject({
      type: 'ConfigurationRefused',
      message: `pool ${id(300)} cookie_name: must be an HTTP token`,
    });
    expect(agent.routes).toEqual(['GET /1.0/info']);
  });

  test('knows a stale configuration by the conflict', async () => {
    agent.answer(upload, {
      status: 409,
      body: { message: 'Stale configuration', details: 'Sequence 7 is older than 9' },
    });
    await expect(driver.applyListeners(amphora, graph)).rejects.toMatchObject({
      type: 'StaleSequence',
      retryable: false,
    });
  });

  test.each([
    ['a failure', { status: 500, body: { message: 'Error reloading haproxy', details: '' } }, 'AgentFailed'],
    ['an agent that is shutting down', { status: 503, body: { error: 'x', http_code: 503 } }, 'AgentFailed'],
    ['a conflict that means nothing there', { status: 409, body: {} }, 'AgentFailed'],
    ['a missing method', { status: 405, body: {} }, 'ConfigurationRefused'],
    [
      'an agent that has not started',
      { status: 404, body: '<html>', headers: { 'content-type': 'text/html' } },
      'AmphoraUnreachable',
    ],
    ['an unknown load balancer', { status: 404, body: { message: 'Loadbalancer Not Found' } }, 'AgentFailed'],
  ])('takes %s for what it is', async (_name, answer, type) => {
    agent.answer(reload, answer);
    await expect(driver.applyListeners(amphora, graph)).rejects.toMatchObject({ type });
  });

  test('plugs the VIP by its address and takes a conflict for success', async () => {
    agent.answer('POST /1.0/plug/vip/203.0.113.10', { status: 409, body: { message: 'Interface already exists' } });
    await driver.plugVip(amphora, graph, vips, aPort(1));
    expect(JSON.parse(agent.received[0]?.body ?? '')).toMatchObject({ vrrp_ip: '203.0.113.101', mtu: 1450 });
  });

  test('lets the caller wait for an interface that has not come yet', async () => {
    agent.answer('POST /1.0/plug/network', { status: 404, body: { details: 'No suitable network interface found' } });
    await expect(driver.plugNetwork(amphora, aPort(2))).rejects.toMatchObject({
      type: 'AmphoraUnreachable',
      retryable: true,
    });
  });

  test('does not plug the VRRP port as a member network', async () => {
    await driver.plugNetwork(amphora, aPort(1));
    expect(agent.received).toEqual([]);
  });

  test('tells that no interface has an address', async () => {
    agent.answer('GET /1.0/interface/192.0.2.77', {
      status: 404,
      body: { message: 'Error interface not found for IP address' },
    });
    expect(await driver.interfaceOf(amphora, '192.0.2.77')).toBeNull();
  });

  test('uploads keepalived.conf and starts keepalived, after it has asked for the interface where it must', async () => {
    await driver.applyVrrp({ ...amphora, vrrpInterface: null }, aPair(), vips);
    expect(agent.routes).toEqual(['GET /1.0/interface/203.0.113.101', 'PUT /1.0/vrrp/upload', 'PUT /1.0/vrrp/start']);
    expect(agent.received[1]?.body).toMatch(/^# weir-sequence=\d+\n/);
    expect(agent.received[1]?.body).toContain('interface eth1\n');
  });

  test.each([
    [
      'HAProxy',
      `DELETE /1.0/listeners/${graph.id}?sequence=7`,
      () => driver.applyListeners(amphora, { ...graph, listeners: [] }),
    ],
    ['VRRP', 'PUT /1.0/vrrp/upload', () => driver.applyVrrp(amphora, aPair(), vips)],
  ])('knows by the conflict that a newer operation has changed %s', async (_name, route, work) => {
    agent.answer(route, {
      status: 409,
      body: { message: 'Stale configuration', details: 'Sequence 7 is older than 9' },
    });
    await expect(work()).rejects.toMatchObject({ type: 'StaleSequence', retryable: false });
  });

  test('sends the new certificate as it is', async () => {
    await driver.rotateCertificate(amphora, 'certificate and key');
    expect(agent.received).toEqual([{ method: 'PUT', path: '/1.0/certificate', body: 'certificate and key' }]);
  });

  test('survives an agent that drops a kept connection', async () => {
    await driver.info(amphora);
    for (const socket of agent.sockets) socket.destroy();
    await expect(driver.info(amphora)).resolves.toMatchObject({ apiVersion: '1.0' });
  });

  test('connects anew with a renewed client certificate', async () => {
    await driver.info(amphora);
    authority.renewClientCertificate();
    await driver.info(amphora);
    expect(agent.clients).toHaveLength(2);
    expect(agent.clients[0]).not.toBe(agent.clients[1]);
  });

  test('does not talk to another amphora that has the same address', async () => {
    await expect(driver.info({ ...amphora, id: id(699) })).rejects.toMatchObject({
      type: 'AmphoraUnreachable',
      message: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID') as string,
    });
    expect(agent.received).toEqual([]);
  });

  test('does not talk to an agent of another authority', async () => {
    const stranger = await AgentDouble.start(await MemoryAuthority.create(), amphora.id);
    const other = open(stranger.port);
    await expect(other.driver.info(amphora)).rejects.toMatchObject({ type: 'AmphoraUnreachable' });
    expect(stranger.received).toEqual([]);
    await other.connections.close();
    await stranger.stop();
  });

  test('says at once that nobody listens', async () => {
    const { port } = agent;
    await agent.stop();
    const other = open(port);
    await expect(other.driver.info(amphora)).rejects.toMatchObject({
      type: 'AmphoraUnreachable',
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
    await other.connections.close();
    agent = await AgentDouble.start(authority, amphora.id);
  });

  test('says that an amphora without an address cannot be reached', async () => {
    await expect(driver.info({ ...amphora, lbNetworkIp: null })).rejects.toMatchObject({ type: 'AmphoraUnreachable' });
  });

  test('does not wait for ever for an agent that is silent', async () => {
    agent.answer('GET /1.0/info', { status: 200, silent: true });
    const impatient = open(agent.port, { readTimeout: 50 });
    await expect(impatient.driver.info(amphora)).rejects.toMatchObject({ type: 'AmphoraUnreachable' });
  });

  test('closes connections that nobody uses', async () => {
    const brief = open(agent.port, { idleTimeout: 20 });
    await brief.driver.info(amphora);
    await until(() => agent.sockets.size === 0);
    expect(agent.connections).toBe(1);
  });
});
