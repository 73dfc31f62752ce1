import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../drivers/support/eventually.ts';
import { belongingsOf, exists, leftoversOf } from './support/amphora.ts';
import { tally, TestLoadBalancer } from './support/load-balancer.ts';
import { openMembers, type Members } from './support/members.ts';
import { openWeir, startLimitMs, type Weir } from './support/weir.ts';

let weir: Weir;
let members: Members;
let loadBalancer: TestLoadBalancer;

beforeAll(async () => {
  weir = await openWeir();
  members = await openMembers(weir);
  loadBalancer = await TestLoadBalancer.make(weir, 'SINGLE', 'e2e-life', await members.serve('one', 'two'));
}, startLimitMs);
afterAll(async () => {
  await loadBalancer?.remove();
  await members?.close();
  await weir?.close();
});

const collection = '/v2/lbaas/loadbalancers';

describe('a single load balancer', () => {
  it('cannot be changed while it is in PENDING', async () => {
    const body = { name: 'e2e-pending', vip_subnet_id: weir.tenant.subnetId };
    const made = await loadBalancer.api.call<{ loadbalancer: { id: string } }>('POST', collection, {
      loadbalancer: body,
    });
    const id = made?.loadbalancer.id ?? '';
    const change = { loadbalancer: { name: 'another' } };
    await expect(loadBalancer.api.call('PUT', `${collection}/${id}`, change)).rejects.toThrow(
      `409 Invalid state PENDING_CREATE of loadbalancer resource ${id}`,
    );
    expect((await loadBalancer.api.awaitActive(id, 60_000)).name).toBe('e2e-pending');
    await loadBalancer.api.call('DELETE', `${collection}/${id}?cascade=true`);
    await loadBalancer.api.awaitGone(id, 60_000);
  });

  it('is listed for its project and for no other', async () => {
    const listed = async (project: string): Promise<readonly string[]> => {
      const path = `${collection}?project_id=${project}&id=${loadBalancer.id}`;
      const answer = await loadBalancer.api.call<{ loadbalancers: { id: string }[] }>('GET', path);
      return (answer?.loadbalancers ?? []).map(({ id }) => id);
    };
    const { project_id: own } = await loadBalancer.show<{ project_id: string }>();
    expect(await listed(own)).toEqual([loadBalancer.id]);
    expect(await listed('another-project')).toEqual([]);
  });

  it('is failed over to a new amphora on request, which serves in place of the old one', async () => {
    const { api, id } = loadBalancer;
    const [before] = await api.amphorae(id);
    await api.call('PUT', `${collection}/${id}/failover`);
    await loadBalancer.settled(60_000);
    await loadBalancer.answers();
    expect(tally(await loadBalancer.ask(10))).toEqual({ one: 5, two: 5 });
    const after = await api.amphorae(id);
    expect(after.map(({ role }) => role)).toEqual(['STANDALONE']);
    expect(after[0]?.compute_id).not.toBe(before?.compute_id);
    expect(exists(weir, before?.compute_id ?? '')).toBe(false);
  });

  it('leaves nothing when it is deleted with all that it has', async () => {
    const monitor = { pool_id: loadBalancer.poolId, type: 'HTTP', delay: 1, timeout: 1, max_retries: 1 };
    await loadBalancer.api.call('POST', '/v2/lbaas/healthmonitors', { healthmonitor: monitor });
    await loadBalancer.settled();
    const belongings = await belongingsOf(weir, loadBalancer);
    expect(belongings.processes.length).toBeGreaterThan(3);
    expect(belongings.portIds.length).toBe(2);
    expect(await leftoversOf(weir, belongings)).not.toEqual([]);
    await loadBalancer.remove();
    // Another test may be in the middle of an edit.
    await eventually('nothing is left', async () => (await leftoversOf(weir, belongings)).length === 0);
  });
});
