import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../../cli/process/until.ts';
import type { CleanUpProgress } from '../../../model/clean-up.ts';
import type { cleanUp } from '../../../workflows/index.ts';
import { defaultRetries } from '../../../model/retries.ts';
import { startCloud, type Cloud } from '../support/cloud.ts';
import { requestOf } from '../support/operations.ts';
import { run } from '../support/run.ts';
import { servingOn } from '../support/serving.ts';
import { leftovers } from '../support/slate.ts';
import { statusOf } from '../support/statuses.ts';
import { tell, untilTrue, type CleanUpHandle } from '../support/stuck.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());

/** Where a host that takes no step counts as down at once. */
const retries = { ...defaultRetries, hostQueueLimitMs: 1_000 };

test('a load balancer whose host is down is deleted, and its machine goes when the host is back', async () => {
  const host = `host-${randomUUID()}`;
  const id = await servingOn(cloud, host);
  const { failure } = await run(cloud, await requestOf(cloud.database.db, 'deleteLoadBalancer', id), { retries });
  expect(failure).toBeNull();
  expect(await statusOf(cloud, id)).toBe('DELETED');
  const left = await leftovers(cloud, id);
  expect(left.filter((what) => what.startsWith('amphora') || what.startsWith('machine'))).toHaveLength(2);
  // As long as the machine may run, its address is nobody else's.
  expect(left).toContain('VIP port');

  // It is taken the moment the host is back, however long that took: the machine would answer beside its replacement.
  const cleanUp = await cleanUpAfter(id);
  expect(await cleanUp.query<CleanUpProgress>('progress')).toMatchObject({ trying: true, waitsForHost: true });
  const stopHost = await cloud.startHost(host);
  await untilTrue('nothing is left', async () => (await leftovers(cloud, id)).length === 0);
  await stopHost();
});

async function cleanUpAfter(loadBalancerId: string): Promise<CleanUpHandle> {
  const query = `LoadBalancerId = "${loadBalancerId}" and WorkflowType = "cleanUp"`;
  const found = await until(async () => {
    for await (const { workflowId } of cloud.client.workflow.list({ query })) return workflowId;
    return undefined;
  }, 20_000);
  return cloud.client.workflow.getHandle<typeof cleanUp>(found ?? '');
}

test('an operator who says that a host is gone for good is not kept waiting by its clean-up', async () => {
  const id = await servingOn(cloud, `host-${randomUUID()}`);
  await run(cloud, await requestOf(cloud.database.db, 'deleteLoadBalancer', id), { retries });
  const handle = await cleanUpAfter(id);
  const amphora = (await handle.query<CleanUpProgress>('progress')).calls[0]?.args[0];
  expect(await tell(handle, 'adopt', 1)).toMatchObject({ outcome: 'adopted', call: 'delete compute' });
  await handle.result();
  expect(await leftovers(cloud, id)).toEqual([`machine machine-${String(amphora)}`]);
});

test('a load balancer whose host refuses to delete its machine is in ERROR, and is deleted by the next try', async () => {
  const host = `host-${randomUUID()}`;
  const id = await servingOn(cloud, host);
  const stopHost = await cloud.startHost(host);
  const machine = cloud.world.machinesOf(id).at(-1) ?? '';
  const end = cloud.world.troubles.order('compute.delete', machine, { how: 'refuse', error: 'ComputeFailed' });
  const { failure } = await run(cloud, await requestOf(cloud.database.db, 'deleteLoadBalancer', id));
  expect(failure).toContain('deleteCompute failed');
  expect(await statusOf(cloud, id)).toBe('ERROR');
  end();
  expect((await run(cloud, await requestOf(cloud.database.db, 'deleteLoadBalancer', id))).failure).toBeNull();
  expect(await leftovers(cloud, id)).toEqual([]);
  await stopHost();
});
