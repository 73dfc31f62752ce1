import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failMaster, type FailoverReport } from '../../cli/quickstart/failover.ts';
import type { Amphora } from '../../cli/quickstart/api.ts';
import { eventually } from '../drivers/support/eventually.ts';
import { watchLateness } from '../support/lateness.ts';
import { takeoverLimitMs } from '../support/takeover.ts';
import { belongingsOf, exists, holds, infoOf, leftoversOf, pidOf, type Belongings } from './support/amphora.ts';
import { tally, TestLoadBalancer } from './support/load-balancer.ts';
import { openMembers, type Members } from './support/members.ts';
import { openWeir, startLimitMs, type Weir } from './support/weir.ts';

let weir: Weir;
let members: Members;
let loadBalancer: TestLoadBalancer;
let dead: Amphora;
let living: Amphora;

beforeAll(async () => {
  weir = await openWeir();
  members = await openMembers(weir);
  loadBalancer = await TestLoadBalancer.make(weir, 'ACTIVE_STANDBY', 'e2e-pair', await members.serve('one', 'two'));
  dead = await holder();
  living = await amphora(dead.role === 'MASTER' ? 'BACKUP' : 'MASTER');
}, startLimitMs);
afterAll(async () => {
  await loadBalancer?.remove();
  await members?.close();
  await weir?.close();
});

async function amphora(role: string): Promise<Amphora> {
  const found = (await loadBalancer.api.amphorae(loadBalancer.id)).find((one) => one.role === role);
  if (found === undefined) throw new Error(`the load balancer has no amphora with the role ${role}`);
  return found;
}

/** The one that has the VIP, once one alone has it: whichever keepalived was first, for neither preempts the other. */
async function holder(): Promise<Amphora> {
  const pair = await loadBalancer.api.amphorae(loadBalancer.id);
  let holders: readonly Amphora[] = [];
  const alone = async (): Promise<boolean> => {
    const held = await Promise.all(pair.map((one) => holds(weir, one.compute_id, loadBalancer.vip)));
    holders = pair.filter((_, at) => held[at]);
    return holders.length === 1;
  };
  await eventually('one of the two has the VIP', alone);
  const [found] = holders;
  if (found === undefined) throw new Error('nobody has the VIP');
  return found;
}

/** `failMaster` itself waits for half a minute until the VIP answers, then for three until the pair is whole. */
const failoverLimitMs = 240_000;

const programs = ['haproxy', 'keepalived', 'agent'] as const;

const pidsOf = (computeId: string): Promise<number[]> =>
  Promise.all(programs.map((program) => pidOf(weir, computeId, program)));

describe('a pair whose master is killed', () => {
  let before: Belongings;
  let livingPids: readonly number[];
  let report: FailoverReport;
  let latenessMs: number;

  beforeAll(async () => {
    before = await belongingsOf(weir, loadBalancer);
    livingPids = await pidsOf(living.compute_id);
    const pair = { loadBalancerId: loadBalancer.id, vip: loadBalancer.vip, master: dead };
    const lateness = watchLateness();
    report = await failMaster(weir.settings, loadBalancer.api, pair, () => undefined);
    latenessMs = lateness();
  }, failoverLimitMs);

  it('answers again as soon as keepalived misses the master', () => {
    expect(report.outageMs).toBeLessThan(takeoverLimitMs(latenessMs));
    // Whoever serves both after as before has not been killed.
    expect(report.outageMs).toBeGreaterThan(500);
  });

  it('is made whole by the failover flow, and both amphorae answer', async () => {
    const pair = await loadBalancer.api.amphorae(loadBalancer.id);
    expect(pair.map(({ role }) => role).toSorted()).toEqual(['BACKUP', 'MASTER']);
    expect(pair.every(({ status }) => status === 'ALLOCATED')).toBe(true);
    expect(pair.every(({ id }) => id !== dead.id)).toBe(true);
    for (const { id, compute_id: computeId } of pair) {
      expect((await infoOf(weir, id)).hostname).toBe(`amphora-${computeId}`);
      expect(await pidsOf(computeId)).toHaveLength(programs.length);
    }
    expect(exists(weir, dead.compute_id)).toBe(false);
    expect(tally(await loadBalancer.ask(10))).toEqual({ one: 5, two: 5 });
  });

  it('keeps the living amphora as it was, with its processes', async () => {
    expect(await amphora(living.role)).toMatchObject({ id: living.id, compute_id: living.compute_id });
    expect(await pidsOf(living.compute_id)).toEqual(livingPids);
  });

  it('leaves nothing when it is deleted, of the dead amphora neither', async () => {
    const after = await belongingsOf(weir, loadBalancer);
    expect(after.computeIds).toHaveLength(2);
    expect(after.portIds).toHaveLength(3);
    await loadBalancer.remove();
    for (const belongings of [before, after])
      await eventually('nothing is left', async () => (await leftoversOf(weir, belongings)).length === 0);
  });
});
