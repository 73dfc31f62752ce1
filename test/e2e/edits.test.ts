import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../drivers/support/eventually.ts';
import { pidOf } from './support/amphora.ts';
import { tally, TestLoadBalancer } from './support/load-balancer.ts';
import { underLoad } from './support/load.ts';
import { openMembers, type MemberServer, type Members } from './support/members.ts';
import { openWeir, startLimitMs, type Weir } from './support/weir.ts';

let weir: Weir;
let members: Members;
let one: MemberServer;
let two: MemberServer;
let three: MemberServer;
let loadBalancer: TestLoadBalancer;

beforeAll(async () => {
  weir = await openWeir();
  members = await openMembers(weir);
  [one, two, three] = await members.serve('one', 'two', 'three');
  loadBalancer = await TestLoadBalancer.make(weir, 'SINGLE', 'e2e-edits', [one, two]);
}, startLimitMs);
afterAll(async () => {
  await loadBalancer?.remove();
  await members?.close();
  await weir?.close();
});

describe('an edit under load', () => {
  it('loses no request, whatever is edited', { timeout: 120_000 }, async () => {
    const edits = [
      () => loadBalancer.addMember(three),
      () => loadBalancer.editMember('one', { weight: 5 }),
      () => loadBalancer.removeMember('two'),
      () => loadBalancer.addMember(two),
      () => loadBalancer.editListener({ timeout_client_data: 60_000 }),
      () => loadBalancer.editMember('three', { weight: 2 }),
      () => loadBalancer.removeMember('three'),
      () => loadBalancer.editMember('one', { weight: 1 }),
      () => loadBalancer.addMember(three),
      () => loadBalancer.removeMember('one'),
      () => loadBalancer.addMember(one),
    ];
    const result = await underLoad(loadBalancer.vip, async () => {
      for (const edit of edits) await edit();
    });
    expect(result.failures).toEqual([]);
    expect(result.answered).toBeGreaterThan(100);
    expect(tally(await loadBalancer.ask(12))).toEqual({ one: 4, two: 4, three: 4 });
  });

  it('loses none when the agent is killed, and takes effect all the same', async () => {
    const [{ compute_id: computeId } = { compute_id: '' }] = await loadBalancer.api.amphorae(loadBalancer.id);
    const haproxy = await pidOf(weir, computeId, 'haproxy');
    const agent = await pidOf(weir, computeId, 'agent');
    const result = await underLoad(loadBalancer.vip, async () => {
      process.kill(agent, 'SIGKILL');
      await loadBalancer.removeMember('three');
      await loadBalancer.editMember('one', { weight: 3 });
    });
    expect(result.failures).toEqual([]);
    expect(tally(await loadBalancer.ask(12))).toEqual({ one: 9, two: 3 });
    await eventually('another agent runs', async () => (await pidOf(weir, computeId, 'agent')) !== agent);
    expect(await pidOf(weir, computeId, 'haproxy')).toBe(haproxy);
  });
});
