import { afterAll, beforeAll, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { haproxyConfig, keepalivedConfig } from './support/configuration.ts';
import { requestLimitMs } from './support/load.ts';
import { takeoverLimitMs } from '../support/takeover.ts';
import { Lab, tenant, until, type LabAmphora } from './support/lab.ts';

const loadBalancerId = '33333333-0000-4000-8000-000000000002';
const vip = `${tenant}.100`;

let lab: Lab;
let master: LabAmphora;
let backup: LabAmphora;

beforeAll(async () => {
  lab = await Lab.open();
  await lab.member(8080, 'blue');
  master = await lab.amphora({ number: 21, topology: 'ACTIVE_STANDBY' });
  backup = await lab.amphora({ number: 22, topology: 'ACTIVE_STANDBY' });
  await Promise.all([master.ready(), backup.ready()]);
  for (const [amphora, peer, priority] of [
    [master, backup, 100],
    [backup, master, 90],
  ] as const) {
    await form(amphora, peer, priority);
  }
});

afterAll(() => lab.close());

/** Plugs, configures and starts one amphora of the pair, in the order of upstream's flow. */
async function form(amphora: LabAmphora, peer: LabAmphora, priority: number): Promise<void> {
  const network = { subnet_cidr: `${tenant}.0/24`, gateway: null, mac_address: amphora.mac, vrrp_ip: amphora.vrrpIp };
  expect((await amphora.call('POST', `/plug/vip/${vip}`, network)).status).toBe(202);
  await startVrrp(amphora, [peer], priority, 'keepalived started');
  const members = [{ id: 'm1', address: `${tenant}.1`, port: 8080 }];
  const haproxy = haproxyConfig(amphora, { loadBalancerId, vip, sequence: 1, members });
  expect((await amphora.call('PUT', `/loadbalancer/${amphora.id}/${loadBalancerId}/haproxy`, haproxy)).status).toBe(
    202,
  );
  expect((await amphora.call('PUT', `/loadbalancer/${loadBalancerId}/reload`)).status).toBe(202);
}

/** Has keepalived do its part among those that it is told of. */
async function startVrrp(
  amphora: LabAmphora,
  peers: readonly LabAmphora[],
  priority: number,
  details: string,
): Promise<void> {
  const conf = keepalivedConfig(amphora, { vip, peers: peers.map(({ vrrpIp }) => vrrpIp), priority });
  expect((await amphora.call('PUT', '/vrrp/upload', conf)).status).toBe(200);
  const started = await amphora.call('PUT', '/vrrp/start');
  expect([started.status, started.json]).toEqual([202, { message: 'OK', details }]);
}

const holds = (amphora: LabAmphora): boolean =>
  amphora.inside('ip', '-br', 'addr', 'show', 'eth1').includes(`${vip}/32`);

/** The one that holds the VIP, and the other, once one alone does: neither preempts the other. */
async function holderAndHeir(): Promise<readonly [LabAmphora, LabAmphora]> {
  await until('one alone holds the VIP', () => holds(master) !== holds(backup));
  return holds(master) ? [master, backup] : [backup, master];
}

/** What keepalived says that it is; undefined from its start until it says so. */
function vrrpState({ base }: LabAmphora): string | undefined {
  const log = readFileSync(join(base, 'vrrp', 'octavia-keepalived.log'), 'utf8');
  const sinceItsStart = log.slice(log.lastIndexOf('Starting VRRP child process'));
  return [...sinceItsStart.matchAll(/Entering (\w+) STATE/g)].at(-1)?.[1];
}

test('one of the two holds the VIP, and HAProxy listens on it on both', async () => {
  await until('the VIP answers', () => lab.fetch(`http://${vip}/`) === 'blue');
  await holderAndHeir();
  for (const amphora of [master, backup]) expect(amphora.inside('ss', '-Hltn')).toContain(`${vip}:80`);
});

test('each of the two says itself whether it holds the VIP', async () => {
  const asked = await Promise.all((await holderAndHeir()).map((amphora) => amphora.call('GET', `/interface/${vip}`)));
  expect(asked.map(({ status }) => status)).toEqual([200, 404]);
});

test('starting keepalived again reloads it', async () => {
  const [pid] = master.pids('keepalived');
  const again = await master.call('PUT', '/vrrp/start');
  expect([again.status, again.json]).toEqual([202, { message: 'OK', details: 'keepalived reloaded' }]);
  expect(master.pids('keepalived')).toContain(pid);
});

test('refuses a configuration that a later operation has overtaken, and keeps the one in place', async () => {
  const conf = keepalivedConfig(backup, { vip, peers: [master.vrrpIp], priority: 90 });
  const upload = (sequence: number) => backup.call('PUT', '/vrrp/upload', `# weir-sequence=${sequence}\n${conf}`);
  expect((await upload(5)).status).toBe(200);
  const stale = await upload(4);
  expect([stale.status, stale.json]).toEqual([
    409,
    { message: 'Stale configuration', details: 'Sequence 4 is older than 5, which is in place' },
  ]);
  expect((await upload(5)).status).toBe(200);
  expect((await backup.call('PUT', '/vrrp/upload', conf)).status).toBe(200);
});

test('the check script fails while HAProxy is gone or hangs, and passes otherwise', async () => {
  const check = (): string => backup.inside('sh', '-c', `${backup.base}/vrrp/check_script.sh; echo $?`).trim();
  const haproxy = backup.pids('haproxy -Ws');
  expect(check()).toBe('0');
  for (const pid of haproxy) process.kill(pid, 'SIGSTOP');
  await until('a hanging HAProxy is noticed', () => check() === '1');
  for (const pid of haproxy) process.kill(pid, 'SIGCONT');
  await until('a HAProxy that goes on is noticed', () => check() === '0');
});

test('starts keepalived again when it was killed', async () => {
  const killed = backup.pids('keepalived --');
  for (const pid of killed) process.kill(pid, 'SIGKILL');
  await until('keepalived runs again', () => backup.pids('keepalived --').length > 0);
  expect(backup.pids('keepalived --')).not.toContain(killed[0]);
});

test('a replacement whose pair was told of it takes the VIP from nobody, though it has the higher priority', async () => {
  const [holder, heir] = await holderAndHeir();
  const replacement = await lab.amphora({ number: 23, topology: 'ACTIVE_STANDBY' });
  await replacement.ready();
  const network = {
    subnet_cidr: `${tenant}.0/24`,
    gateway: null,
    mac_address: replacement.mac,
    vrrp_ip: replacement.vrrpIp,
  };
  expect((await replacement.call('POST', `/plug/vip/${vip}`, network)).status).toBe(202);
  await startVrrp(holder, [heir, replacement], 90, 'keepalived reloaded');
  await startVrrp(heir, [holder, replacement], 90, 'keepalived reloaded');
  await startVrrp(replacement, [holder, heir], 100, 'keepalived started');
  await until('the replacement listens', () => vrrpState(replacement) === 'BACKUP');
  // Longer than keepalived waits for a holder that it does not hear.
  const heardEnough = Date.now() + takeoverLimitMs(0);
  await until('its wait is over', () => Date.now() > heardEnough);
  expect([holds(holder), holds(heir), holds(replacement)]).toEqual([true, false, false]);
  expect(vrrpState(replacement)).toBe('BACKUP');
  replacement.killAll();
  await startVrrp(holder, [heir], 90, 'keepalived reloaded');
  await startVrrp(heir, [holder], 90, 'keepalived reloaded');
});

test('the VIP moves as soon as keepalived misses the amphora in which everything is killed', async () => {
  const [dying, heir] = await holderAndHeir();
  // One that has just been started waits for its check script before it listens to the other.
  await until('the heir listens', () => vrrpState(heir) === 'BACKUP');
  await until('the VIP answers', () => lab.fetch(`http://${vip}/`) === 'blue');
  const load = lab.load(`http://${vip}/`, { width: 2, limitMs: requestLimitMs.whereAnAddressMoves });
  await load.started;
  dying.killAll();
  await until('the other amphora holds the VIP', () => holds(heir));
  await until('the VIP answers', () => lab.fetch(`http://${vip}/`) === 'blue');
  const { longestGapMs, latenessMs } = await load.stop();
  console.log(`no answer for ${Math.round(longestGapMs)} ms, asked up to ${Math.round(latenessMs)} ms late`);
  expect(longestGapMs).toBeGreaterThan(500);
  expect(longestGapMs).toBeLessThan(takeoverLimitMs(latenessMs));
});
