import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../drivers/support/eventually.ts';
import { tally, TestLoadBalancer } from './support/load-balancer.ts';
import { openMembers, type Members, type MemberServer } from './support/members.ts';
import { openWeir, startLimitMs, type Weir } from './support/weir.ts';

let weir: Weir;
let members: Members;
let one: MemberServer;
let two: MemberServer;
let loadBalancer: TestLoadBalancer;

beforeAll(async () => {
  weir = await openWeir();
  members = await openMembers(weir);
  [one, two] = await members.serve('one', 'two');
  loadBalancer = await TestLoadBalancer.make(weir, 'SINGLE', 'e2e-traffic', [one, two]);
}, startLimitMs);
afterAll(async () => {
  await loadBalancer?.remove();
  await members?.close();
  await weir?.close();
});

const byTurns = (answers: readonly string[]): boolean =>
  answers.every((answer, index) => index === 0 || answer !== answers[index - 1]);

describe('traffic through the VIP', () => {
  it('goes to the members by turns', async () => {
    const answers = await loadBalancer.ask(12);
    expect(tally(answers)).toEqual({ one: 6, two: 6 });
    expect(byTurns(answers)).toBe(true);
  });

  it('follows weights of 3 to 1', async () => {
    await loadBalancer.editMember('one', { weight: 3 });
    expect(tally(await loadBalancer.ask(40))).toEqual({ one: 30, two: 10 });
    await loadBalancer.editMember('one', { weight: 1 });
    expect(tally(await loadBalancer.ask(10))).toEqual({ one: 5, two: 5 });
  });

  it('sticks to a member with HTTP_COOKIE for clients that send the cookie, and only for them', async () => {
    await loadBalancer.editPool({ session_persistence: { type: 'HTTP_COOKIE' } });
    const { text, cookie } = await get({});
    expect(cookie).toMatch(/^SRV=/);
    for (let count = 0; count < 10; count += 1) expect((await get({ cookie })).text).toBe(text);
    expect(tally(await loadBalancer.ask(10))).toEqual({ one: 5, two: 5 });
  });

  it('sticks to a member with SOURCE_IP for all connections of a client', async () => {
    await loadBalancer.editPool({ session_persistence: { type: 'SOURCE_IP' } });
    expect(Object.keys(tally(await loadBalancer.ask(12)))).toHaveLength(1);
    await loadBalancer.editPool({ session_persistence: null });
    expect(tally(await loadBalancer.ask(10))).toEqual({ one: 5, two: 5 });
  });

  it('passes a dead member by, whose status is ERROR until it is back', async () => {
    // One that is dead refuses at once; one that is alive has the time for a machine that stands still.
    const monitor = { pool_id: loadBalancer.poolId, type: 'HTTP', delay: 4, timeout: 4, max_retries: 1 };
    await loadBalancer.api.call('POST', '/v2/lbaas/healthmonitors', { healthmonitor: { ...monitor, name: 'e2e' } });
    await loadBalancer.settled();
    await statusOf('two', 'ONLINE');
    await two.kill();
    await statusOf('two', 'ERROR');
    expect(tally(await loadBalancer.ask(10))).toEqual({ one: 10 });
    await two.start();
    await statusOf('two', 'ONLINE');
    expect(tally(await loadBalancer.ask(10))).toEqual({ one: 5, two: 5 });
  });
});

async function get(headers: Record<string, string>): Promise<{ text: string; cookie: string }> {
  const response = await fetch(`http://${loadBalancer.vip}/`, { headers: { ...headers, connection: 'close' } });
  const [cookie = ''] = (response.headers.getSetCookie()[0] ?? '').split(';');
  return { text: (await response.text()).trim(), cookie };
}

async function statusOf(name: string, status: string): Promise<void> {
  const reached = async (): Promise<boolean> => (await loadBalancer.member(name)).operating_status === status;
  await eventually(`the status of ${name} is ${status}`, reached, 60_000);
}
