/** POST of a load balancer to the first 200 through its VIP: real amphorae, HAProxy and keepalived on this machine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../cli/net/ports.ts';
import { memberPort, startMembers, type Member } from '../cli/quickstart/members.ts';
import { ask } from '../cli/quickstart/probe.ts';
import type { Stack } from '../cli/up/stack.ts';
import { withStack } from '../cli/up/up.ts';
import type { Settings } from '../config/settings.ts';
import { openDatabase } from '../db/database.ts';
import { openNetworkDriver } from '../drivers/network/open.ts';
import type { Topology } from '../model/status.ts';
import { BenchClient } from './client.ts';
import { removeAll, warmUp } from './fixture.ts';
import { percentile, type Measurement } from './measurement.ts';

const rounds = 3;
const answerLimitMs = 60_000;
const askEveryMs = 10;

interface Times {
  /** Until the load balancer was ACTIVE for the first time, with nothing in it. */
  readonly active: number;
  /** Until listener, pool and member were ACTIVE, each made when the one before was. */
  readonly configured: number;
  readonly firstAnswer: number;
}

async function firstAnswer(vip: string): Promise<void> {
  const deadline = performance.now() + answerLimitMs;
  while ((await ask(vip, 500)) === undefined) {
    if (performance.now() > deadline) throw new Error(`http://${vip}/ does not answer`);
    await sleep(askEveryMs);
  }
}

async function configure(client: BenchClient, id: string, subnetId: string, member: Member): Promise<void> {
  const settled = async (making: Promise<string>): Promise<string> => {
    const made = await making;
    await client.awaitActive(id);
    return made;
  };
  const http = { protocol: 'HTTP' };
  const listener = await settled(
    client.create('listeners', 'listener', { ...http, protocol_port: 80, loadbalancer_id: id }),
  );
  const pool = await settled(
    client.create('pools', 'pool', { ...http, lb_algorithm: 'ROUND_ROBIN', listener_id: listener }),
  );
  const { address } = member;
  await settled(
    client.create(`pools/${pool}/members`, 'member', { address, protocol_port: memberPort, subnet_id: subnetId }),
  );
}

async function once(client: BenchClient, subnetId: string, member: Member): Promise<Times> {
  const start = performance.now();
  const id = await client.create('loadbalancers', 'loadbalancer', { vip_subnet_id: subnetId });
  const { vip_address: vip } = await client.awaitActive(id);
  const active = performance.now() - start;
  await configure(client, id, subnetId, member);
  const configured = performance.now() - start;
  await firstAnswer(vip);
  const times = { active, configured, firstAnswer: performance.now() - start };
  await removeAll(client);
  return times;
}

async function repeat({ settings, apiUrl, network }: Stack): Promise<Times[]> {
  if (network === undefined) throw new Error('the stack has no network');
  await warmUp(apiUrl, network.subnetId);
  const url = settings.databaseUrl;
  const db = openDatabase({ url, maxConnections: 2, applicationName: 'weir bench', connectionTimeoutMs: 10_000 });
  const members = await startMembers({ settings, db, driver: openNetworkDriver(settings, db), network });
  const client = new BenchClient(apiUrl, 'bench-traffic');
  try {
    const [member] = members.all;
    if (member === undefined) throw new Error('there is no member to answer');
    const times: Times[] = [];
    for (let round = 0; round < rounds; round += 1) times.push(await once(client, network.subnetId, member));
    return times;
  } finally {
    await client.close();
    await members.stop(true);
    await db.destroy();
  }
}

async function measureTopology(settings: Settings, topology: Topology): Promise<Measurement> {
  const stateDir = await mkdtemp(join(tmpdir(), 'weir-bench-'));
  const own = {
    ...settings,
    stateDir,
    loadbalancerTopology: topology,
    logLevel: 'warn',
    computeDriver: 'host',
    networkDriver: 'linux',
    amphoraDriver: 'rest',
    apiPort: await freePort(),
    temporalPort: await freePort(),
    temporalUiPort: await freePort(),
  } as const;
  let times: Times[] = [];
  try {
    const options = {
      configuration: { settings: own, given: () => false },
      signal: new AbortController().signal,
      terminal: () => undefined,
    };
    await withStack(options, async ({ stack }) => {
      times = await repeat(stack);
      return 0;
    });
  } finally {
    await rm(stateDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  }
  if (times.length === 0) throw new Error('traffic: real amphorae need root here');
  const median = (of: (one: Times) => number): number => percentile(times.map(of), 50);
  const figures = {
    n: rounds,
    topology,
    median: median((one) => one.firstAnswer),
    worst: percentile(
      times.map((one) => one.firstAnswer),
      100,
    ),
    active: median((one) => one.active),
    configured: median((one) => one.configured),
  };
  return { name: 'traffic', unit: 'ms', figures };
}

export async function measureTraffic(settings: Settings): Promise<Measurement[]> {
  return [await measureTopology(settings, 'SINGLE'), await measureTopology(settings, 'ACTIVE_STANDBY')];
}
