import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { request } from 'undici';
import { haproxyConfig, listenerId } from './support/configuration.ts';
import { requestLimitMs } from './support/load.ts';
import { Lab, tenant, until, type LabAmphora } from './support/lab.ts';

const loadBalancerId = '33333333-0000-4000-8000-000000000001';
const vip = `${tenant}.100`;

let lab: Lab;
let amphora: LabAmphora;

beforeAll(async () => {
  lab = await Lab.open();
  amphora = await lab.amphora({ number: 11 });
  await lab.member(8080, 'blue');
  await amphora.ready();
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

test('answers who it is', async () => {
  const { status, json } = await amphora.call('GET', '/info');
  expect(status).toBe(200);
  expect(json).toMatchObject({ api_version: '1.0', haproxy_version: expect.stringMatching(/^\d+\.\d+/) as string });
});

test('refuses a client without a certificate', async () => {
  const dispatcher = amphora.dispatcher({ withClientCertificate: false });
  await expect(request(`https://${amphora.address}:9443/1.0/info`, { dispatcher })).rejects.toThrow(
    /certificate required|closed|ECONNRESET/,
  );
});

test('plugs the VIP once', async () => {
  const body = {
    subnet_cidr: `${tenant}.0/24`,
    gateway: null,
    mac_address: amphora.mac,
    vrrp_ip: amphora.vrrpIp,
    mtu: 1450,
  };
  const plugged = await amphora.call('POST', `/plug/vip/${vip}`, body);
  expect(plugged.json).toEqual({ message: 'OK', details: `VIPs plugged on interface eth1: ${vip}` });
  expect(plugged.status).toBe(202);
  const again = await amphora.call('POST', `/plug/vip/${vip}`, body);
  expect([again.status, again.json]).toEqual([409, { message: 'Interface already exists' }]);
  const found = await amphora.call('GET', `/interface/${vip}`);
  expect(found.json).toEqual({ message: 'OK', interface: 'eth1' });
  expect(amphora.inside('ip', 'rule')).toContain(`from ${vip} lookup 1`);
  expect(amphora.inside('ip', 'route', 'show', 'table', '1')).toContain(`src ${vip}`);
});

test('serves through the VIP as soon as the start is answered', async () => {
  const body = config(1);
  const upload = await amphora.call('PUT', uploadPath(), body);
  expect([upload.status, upload.json]).toEqual([202, { message: 'OK' }]);
  expect(upload.headers['etag']).toBe(createHash('md5').update(body).digest('hex'));
  const started = await amphora.call('PUT', `/loadbalancer/${loadBalancerId}/start`);
  expect(started.json).toEqual({
    message: 'OK',
    details: `Configuration file is valid\nhaproxy daemon for ${loadBalancerId} started`,
  });
  expect(lab.fetch(`http://${vip}/`)).toBe('blue');
  const stored = await amphora.call('GET', `/loadbalancer/${loadBalancerId}/haproxy`);
  expect(stored.headers['x-weir-running-sequence']).toBe('1');
  const listeners = await amphora.call('GET', '/listeners');
  expect(listeners.json).toEqual([{ status: 'ACTIVE', uuid: listenerId, type: 'HTTP' }]);
});

test('refuses a configuration that a later one has overtaken, and takes one without a number', async () => {
  expect((await amphora.call('PUT', uploadPath(), config(5))).status).toBe(202);
  const stale = await amphora.call('PUT', uploadPath(), config(4));
  expect([stale.status, stale.json]).toEqual([
    409,
    { message: 'Stale configuration', details: 'Sequence 4 is older than 5, which is in place' },
  ]);
  const stock = haproxyConfig(amphora, {
    loadBalancerId,
    vip,
    members: [{ id: 'm1', address: `${tenant}.1`, port: 8080 }],
  });
  expect((await amphora.call('PUT', uploadPath(), stock)).status).toBe(202);
  expect((await amphora.call('PUT', uploadPath(), config(5))).status).toBe(202);
});

test('keeps what runs when a configuration is refused', async () => {
  const refused = await amphora.call('PUT', uploadPath(), `${config(6)}\n    nonsense here\n`);
  expect(refused.status).toBe(400);
  expect(refused.json).toMatchObject({
    message: 'Invalid request',
    details: expect.stringContaining('nonsense') as string,
  });
  expect(lab.fetch(`http://${vip}/`)).toBe('blue');
});

test('loses no request under reloads', { timeout: 120_000 }, async () => {
  const load = lab.load(`http://${vip}/`, { width: 3, limitMs: requestLimitMs.whereNoneIsLost });
  await load.started;
  const durations: number[] = [];
  for (let sequence = 10; sequence < 30; sequence += 1) {
    expect((await amphora.call('PUT', uploadPath(), config(sequence))).status).toBe(202);
    const begin = performance.now();
    const reloaded = await amphora.call('PUT', `/loadbalancer/${loadBalancerId}/reload`);
    durations.push(performance.now() - begin);
    expect(reloaded.json).toEqual({ message: 'OK', details: `Listener ${loadBalancerId} reloaded` });
    const running = await amphora.call('GET', `/loadbalancer/${loadBalancerId}/haproxy`);
    expect(running.headers['x-weir-running-sequence']).toBe(String(sequence));
  }
  const { answered, failures } = await load.stop();
  console.log(
    `20 reloads, ${answered} requests, ${failures.length} failed, each ${durations.map(Math.round).join(' ')} ms`,
  );
  expect(answered).toBeGreaterThan(200);
  expect(failures).toEqual([]);
});

test('a new agent takes over what runs after the old one was killed', async () => {
  const haproxy = amphora.pids('haproxy -Ws');
  const [agent = 0] = amphora.pids('start.mjs');
  const load = lab.load(`http://${vip}/`, { width: 2, limitMs: requestLimitMs.whereNoneIsLost });
  await load.started;
  process.kill(agent, 'SIGKILL');
  await amphora.ready();
  // Many, so that some of them meet the agent while it looks whether HAProxy runs.
  for (let reload = 0; reload < 20; reload += 1) {
    const reloaded = await amphora.call('PUT', `/loadbalancer/${loadBalancerId}/reload`);
    expect(reloaded.status).toBe(202);
  }
  const { failures } = await load.stop();
  expect(failures).toEqual([]);
  expect(amphora.pids('haproxy -Ws')).toContain(Math.min(...haproxy));
});

test('starts HAProxy again when all of it was killed, and when its master alone was', async () => {
  for (const round of ['all', 'master'] as const) {
    const begin = performance.now();
    const killed = amphora.pids('haproxy -Ws');
    for (const pid of round === 'all' ? killed : [Math.min(...killed)]) process.kill(pid, 'SIGKILL');
    await until(`HAProxy serves again, round ${round}`, () => lab.fetch(`http://${vip}/`) === 'blue');
    await until('none of the old ones is left', () => !amphora.pids('haproxy -Ws').some((pid) => killed.includes(pid)));
    expect(amphora.pids('haproxy -Ws').length).toBeGreaterThan(0);
    console.log(`HAProxy back after ${Math.round(performance.now() - begin)} ms`);
  }
});

test('removes everything on delete, twice', async () => {
  for (const _ of [1, 2]) {
    const deleted = await amphora.call('DELETE', `/listeners/${loadBalancerId}`);
    expect([deleted.status, deleted.json]).toEqual([200, { message: 'OK' }]);
  }
  expect(amphora.pids('haproxy')).toEqual([]);
  expect(readdirSync(amphora.base).filter((name) => name.includes(loadBalancerId))).toEqual([]);
  const gone = await amphora.call('PUT', `/loadbalancer/${loadBalancerId}/reload`);
  expect([gone.status, gone.json]).toEqual([
    404,
    { message: 'Loadbalancer Not Found', details: `No loadbalancer with UUID: ${loadBalancerId}` },
  ]);
});

test('takes nothing that is older than what was removed, though it was started again', async () => {
  const [agent = 0] = amphora.pids('start.mjs');
  process.kill(agent, 'SIGKILL');
  await until('another agent answers', async () => {
    const [now] = amphora.pids('start.mjs');
    return now !== agent && (await amphora.call('GET', '/info')).status === 200;
  });
  const stale = await amphora.call('PUT', uploadPath(), config(3));
  expect(stale.status).toBe(409);
  expect((await amphora.call('PUT', uploadPath(), config(1_000))).status).toBe(202);
});
