/** `weir quickstart`: everything, and a highly available load balancer with traffic through it. */
import { once } from 'node:events';
import { openDatabase, type Db } from '../../db/database.ts';
import { openNetworkDriver } from '../../drivers/network/open.ts';
import { PlainError } from '../fatal.ts';
import type { Configuration } from '../options.ts';
import type { DefaultNetwork } from '../up/default-network.ts';
import type { Stack } from '../up/stack.ts';
import { withStack, type UpOptions } from '../up/up.ts';
import { Api, type LoadBalancer } from './api.ts';
import { failMaster } from './failover.ts';
import { findLeftovers } from './leftovers.ts';
import { buildLoadBalancer } from './load-balancer.ts';
import { startMembers, type Members } from './members.ts';
import { ask } from './probe.ts';
import { showProgress } from './progress.ts';
import { TraceBook } from './traces.ts';

interface Scene {
  readonly stack: Stack;
  readonly network: DefaultNetwork;
  readonly api: Api;
  readonly db: Db;
  readonly members: Members;
  readonly print: (line: string) => void;
}

/** Runs the quickstart; with `once` also a failover and the clean-up. Returns the exit code. */
export async function quickstart(options: UpOptions, runOnce: boolean): Promise<number> {
  const configuration = quickened(options.configuration);
  return withStack({ ...options, configuration, quiet: true }, async ({ stack, signal }) => {
    if (stack.network === undefined) throw new PlainError('the quickstart needs --drivers host');
    const db = openDatabase({
      url: stack.settings.databaseUrl,
      maxConnections: 4,
      applicationName: 'weir quickstart',
      connectionTimeoutMs: 10_000,
    });
    const driver = openNetworkDriver(stack.settings, db);
    const { network, settings } = stack;
    const members = await startMembers({ settings, db, driver, network });
    const scene: Scene = { stack, network, api: new Api(stack.apiUrl), db, members, print: options.terminal };
    try {
      const work = runOnce ? wholeLife(scene) : stayUp(scene, signal);
      return await Promise.race([work, interrupted(signal)]);
    } finally {
      await members.stop(runOnce);
      await db.destroy();
    }
  });
}

/** Ends the quickstart at once on Ctrl-C, whatever it waits for. */
async function interrupted(signal: AbortSignal): Promise<number> {
  if (!signal.aborted) await once(signal, 'abort');
  return 130;
}

/** A pair instead of a single amphora, and heartbeats that let a failure be seen soon, unless it was said otherwise. */
function quickened(configuration: Configuration): Configuration {
  const { settings } = configuration;
  const wishes = { loadbalancerTopology: 'ACTIVE_STANDBY', heartbeatIntervalSec: 1, heartbeatTimeoutSec: 5 } as const;
  const names = Object.keys(wishes) as (keyof typeof wishes)[];
  const taken = names.filter((name) => !configuration.given(name)).map((name) => [name, wishes[name]]);
  return { ...configuration, settings: { ...settings, ...Object.fromEntries(taken) } };
}

async function stayUp(scene: Scene, signal: AbortSignal): Promise<number> {
  const loadBalancer = await bringUp(scene);
  scene.print(`try it: curl http://${loadBalancer.vip_address}/     (Ctrl-C stops Weir; its amphorae serve on)`);
  if (!signal.aborted) await once(signal, 'abort');
  return 0;
}

async function wholeLife(scene: Scene): Promise<number> {
  const { api, db, network, members, print, stack } = scene;
  const loadBalancer = await bringUp(scene);
  const progress = await showProgress({ settings: stack.settings, db, print });
  try {
    const book = new TraceBook(db, loadBalancer.id);
    await book.note();
    const master = (await api.amphorae(loadBalancer.id)).find(({ role }) => role === 'MASTER');
    if (master === undefined) throw new Error('the load balancer has no master amphora');
    const pair = { loadBalancerId: loadBalancer.id, vip: loadBalancer.vip_address, master };
    const report = await failMaster(stack.settings, api, pair, print);
    const { answered, unanswered } = report.requests;
    print(`the pair is whole again after ${(report.wholeAfterMs / 1000).toFixed(1)} s`);
    print(`outage ${report.outageMs} ms; ${answered} requests answered, ${unanswered} not`);
    await book.note();
    await api.call('DELETE', `/v2/lbaas/loadbalancers/${loadBalancer.id}?cascade=true`);
    await api.awaitGone(loadBalancer.id, 60_000);
    await members.stop(true);
    const left = await findLeftovers(stack.settings, db, book.traces(stack.settings, network));
    print(left.length === 0 ? 'nothing left' : `left behind: ${left.join('; ')}`);
    return left.length === 0 ? 0 : 1;
  } finally {
    await progress.stop();
  }
}

const requests = 8;

async function bringUp({ stack, network, api, db, members, print }: Scene): Promise<LoadBalancer> {
  const progress = await showProgress({ settings: stack.settings, db, print });
  try {
    print('creating the load balancer through the HTTP API');
    const loadBalancer = await buildLoadBalancer(api, network.subnetId, members.all);
    await awaitAllMembers(loadBalancer.vip_address, members.all.length);
    const answers: string[] = [];
    for (let count = 0; count < requests; count += 1) {
      answers.push((await ask(loadBalancer.vip_address, 1_000)) ?? 'no answer');
    }
    print(`${requests} requests to http://${loadBalancer.vip_address}/ were answered by: ${answers.join(' ')}`);
    return loadBalancer;
  } finally {
    await progress.stop();
  }
}

const answerLimitMs = 15_000;

/** Waits until every member answers: after a restart the health monitor takes them in one by one. */
async function awaitAllMembers(vip: string, count: number): Promise<void> {
  const deadline = Date.now() + answerLimitMs;
  const seen = new Set<string>();
  while (seen.size < count) {
    const answer = await ask(vip, 500);
    if (answer !== undefined) seen.add(answer);
    if (Date.now() > deadline) throw new Error(`http://${vip}/ was answered by ${seen.size} of ${count} members`);
  }
}
