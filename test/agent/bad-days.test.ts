import { createHash, createHmac } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { haproxyConfig, listenerId, poolId } from './support/configuration.ts';
import { Lab, managementHost, tenant, until, type LabAmphora } from './support/lab.ts';

const loadBalancerId = '33333333-0000-4000-8000-000000000003';
const vip = `${tenant}.100`;

let lab: Lab;
let amphora: LabAmphora;

beforeAll(async () => {
  lab = await Lab.open();
  await lab.member(8080, 'blue');
  amphora = await lab.amphora({ number: 31, diskKb: 256 });
  await amphora.ready();
  const network = { subnet_cidr: `${tenant}.0/24`, gateway: null, mac_address: amphora.mac, vrrp_ip: amphora.vrrpIp };
  await amphora.call('POST', `/plug/vip/${vip}`, network);
  await amphora.call('PUT', uploadPath(), config(1));
  await amphora.call('PUT', `/loadbalancer/${loadBalancerId}/start`);
});

afterAll(() => lab.close());

const config = (sequence: number): string =>
  haproxyConfig(amphora, {
    loadBalancerId,
    vip,
    sequence,
    members: [{ id: 'm1', address: `${tenant}.1`, port: 8080 }],
  });

const uploadPath = (): string => `/loadbalancer/${amphora.id}/${loadBalancerId}/haproxy`;

test('a full disk refuses an upload in one line and keeps what runs', async () => {
  const filled = amphora.fillDisk();
  const refused = await amphora.call('PUT', uploadPath(), `${config(2)}${'# '.repeat(20_000)}\n`);
  expect(refused.status).toBe(500);
  expect(refused.json).toMatchObject({ message: 'The amphora has no disk space left' });
  expect(lab.fetch(`http://${vip}/`)).toBe('blue');
  const stored = await amphora.call('GET', `/loadbalancer/${loadBalancerId}/haproxy`);
  expect([stored.text, stored.headers['x-weir-running-sequence']]).toEqual([config(1), '1']);
  expect((await amphora.call('PUT', `/loadbalancer/${loadBalancerId}/reload`)).status).toBe(202);
  filled.free();
  expect((await amphora.call('PUT', uploadPath(), config(2))).status).toBe(202);
});

test('a configuration that HAProxy cannot run answers 500 with its words, and the old one runs on', async () => {
  const unbindable = config(3).replace(`bind ${vip}:80`, `bind ${vip}:80\n    bind unix@/nowhere/at/all`);
  expect((await amphora.call('PUT', uploadPath(), unbindable)).status).toBe(202);
  const reloaded = await amphora.call('PUT', `/loadbalancer/${loadBalancerId}/reload`);
  expect(reloaded.status).toBe(500);
  expect(reloaded.json).toMatchObject({
    message: 'Error reloading haproxy',
    details: expect.stringContaining('/nowhere/at/all') as string,
  });
  expect(lab.fetch(`http://${vip}/`)).toBe('blue');
  expect((await amphora.call('PUT', uploadPath(), config(4))).status).toBe(202);
  expect((await amphora.call('PUT', `/loadbalancer/${loadBalancerId}/reload`)).status).toBe(202);
  const running = await amphora.call('GET', `/loadbalancer/${loadBalancerId}/haproxy`);
  expect(running.headers['x-weir-running-sequence']).toBe('4');
});

test('a new server certificate is used at once, and one that is none is refused', async () => {
  const before = readFileSync(join(dirname(amphora.base), 'server.pem'), 'utf8');
  const refused = await amphora.call('PUT', '/certificate', 'no certificate');
  expect(refused.status).toBe(400);
  const renewed = await lab.authority.issue(amphora.id);
  const replaced = await amphora.call('PUT', '/certificate', renewed);
  expect([replaced.status, replaced.json]).toEqual([202, { message: 'OK' }]);
  expect(readFileSync(join(dirname(amphora.base), 'server.pem'), 'utf8')).toBe(renewed);
  expect(amphora.servedCertificate()).toBe(certificateOf(renewed));
  expect(certificateOf(before)).not.toBe(certificateOf(renewed));
});

test('stores certificates under their MD5 and answers upstream’s errors', async () => {
  const path = `/loadbalancer/${loadBalancerId}/certificates/abc123.pem`;
  const missing = await amphora.call('GET', path);
  expect([missing.status, missing.json]).toEqual([
    404,
    { message: 'Certificate Not Found', details: 'No certificate with filename: abc123.pem' },
  ]);
  const stored = await amphora.call('PUT', path, 'PEM');
  const md5sum = createHash('md5').update('PEM').digest('hex');
  expect([stored.status, stored.json, stored.headers['etag']]).toEqual([200, { message: 'OK' }, md5sum]);
  const sum = await amphora.call('GET', path);
  expect(sum.json).toEqual({ md5sum });
  const odd = await amphora.call('GET', `/loadbalancer/${loadBalancerId}/certificates/abc.txt`);
  expect([odd.status, odd.json]).toEqual([400, { message: 'Filename has wrong format' }]);
  expect((await amphora.call('DELETE', path)).status).toBe(200);
  expect((await amphora.call('DELETE', path)).status).toBe(200);
});

test('answers unknown paths, methods and bodies in Flask’s words', async () => {
  const unknown = await amphora.call('GET', '/nothing');
  expect([unknown.status, unknown.json]).toEqual([
    404,
    {
      error:
        '404 Not Found: The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.',
      http_code: 404,
    },
  ]);
  const method = await amphora.call('POST', '/info');
  expect([method.status, method.headers['allow']]).toEqual([405, 'GET']);
  const body = await amphora.call('POST', '/plug/network', 'no json');
  expect([body.status, body.json]).toEqual([
    400,
    { error: '400 Bad Request: Invalid port information', http_code: 400 },
  ]);
  const action = await amphora.call('PUT', `/loadbalancer/${loadBalancerId}/dance`);
  expect([action.status, action.json]).toEqual([400, { message: 'Invalid Request', details: 'Unknown action: dance' }]);
  const mac = { mac_address: '02:00:00:00:00:ff', fixed_ips: [] };
  const absent = await amphora.call('POST', '/plug/network', mac);
  expect([absent.status, absent.json]).toEqual([404, { details: 'No suitable network interface found' }]);
});

test('heartbeats follow a configuration that is put while the agent runs', async () => {
  const socket = createSocket('udp4');
  const messages: { id: string; listeners: Record<string, { status: string }>; pools: Record<string, unknown> }[] = [];
  socket.on('message', (datagram) => {
    const [payload, signature] = [datagram.subarray(0, -64), datagram.subarray(-64).toString()];
    const expected = createHmac('sha256', 'another key').update(payload).digest('hex');
    if (signature === expected) messages.push(JSON.parse(inflateSync(payload).toString()) as (typeof messages)[0]);
  });
  await new Promise<void>((resolve) => socket.bind(0, managementHost, resolve));
  const file = join(dirname(amphora.base), 'agent.conf');
  const changed = readFileSync(file, 'utf8')
    .replace('controller_ip_port_list =', `controller_ip_port_list = ${managementHost}:${socket.address().port}`)
    .replace('a heartbeat key', 'another key')
    .replace('heartbeat_interval = 10', 'heartbeat_interval = 0.2');
  expect((await amphora.call('PUT', '/config', changed)).status).toBe(202);
  await until('two heartbeats arrive', () => messages.length > 1);
  socket.close();
  expect(messages[0]?.id).toBe(amphora.id);
  expect(messages[0]?.listeners[listenerId]?.status).toBe('OPEN');
  expect(messages[0]?.pools[`${poolId}:${listenerId}`]).toEqual({ status: 'UP', members: { m1: 'no check' } });
  const broken = await amphora.call('PUT', '/config', 'not a configuration');
  expect(broken.status).toBe(500);
  expect(readFileSync(file, 'utf8')).toBe(changed);
});

test('answers version discovery and details', async () => {
  const dispatcher = amphora.dispatcher({ withClientCertificate: true });
  const { body } = await request(`https://${amphora.address}:9443/`, { dispatcher });
  expect(await body.json()).toEqual({ api_version: '1.0' });
  const { json } = await amphora.call('GET', '/details');
  expect(json).toMatchObject({
    active: true,
    haproxy_count: 1,
    listeners: [listenerId],
    topology: 'SINGLE',
    networks: { eth1: { network_rx: expect.any(Number) as number } },
    memory: { total: expect.any(Number) as number },
  });
});

const certificateOf = (pem: string): string => pem.slice(0, pem.indexOf('-----END CERTIFICATE')).replaceAll(/\s/g, '');
