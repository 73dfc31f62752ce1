/** Flows of which no worker can carry the workflow task on. */
import { randomUUID } from 'node:crypto';
import { TypedSearchAttributes } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startOptions } from '../../temporal/open.ts';
import { CleanUp, LoadBalancerId } from '../../workflows/search-attributes.ts';
import type { Cloud } from '../flows/support/cloud.ts';
import { requestLoadBalancer } from '../flows/support/operations.ts';
import { leftovers } from '../flows/support/slate.ts';
import { stuckCreation } from '../flows/support/stuck.ts';
import { cloudOfItsOwn, configurationOf, Repair } from './support/repair.ts';

vi.setConfig({ testTimeout: 180_000 });

let cloud: Cloud;
let repair: Repair;
beforeAll(async () => {
  cloud = await cloudOfItsOwn();
  repair = new Repair(configurationOf(cloud));
});
afterEach(() => cloud.world.troubles.endAll());
afterAll(() => cloud.stop());

const left = ['undo: boot standalone', 'undo: allocate VIP'];

/** A clean-up without what it needs to begin, as one is that does not replay: each of its workflow tasks fails. */
async function brokenCleanUp(loadBalancerId: string): Promise<string> {
  const { workflowId } = await cloud.client.workflow.start('cleanUp', {
    taskQueue: cloud.taskQueue,
    workflowId: `lb/${loadBalancerId}/1/clean-up/${randomUUID()}`,
    memo: { flow: `lb/${loadBalancerId}/1`, left },
    typedSearchAttributes: new TypedSearchAttributes([
      { key: LoadBalancerId, value: loadBalancerId },
      { key: CleanUp, value: 'trying' },
    ]),
  });
  return workflowId;
}

const statusOf = async (workflowId: string): Promise<string> =>
  (await cloud.client.workflow.getHandle(workflowId).describe()).status.name;

describe('weir repair, of an operation that no worker can carry on', () => {
  it('promises no cancellation, which its workflow would not hear of; --force terminates it', async () => {
    const operation = await requestLoadBalancer(cloud.database.db, await cloud.newSubnet());
    const options = startOptions(operation, { taskQueue: cloud.taskQueue, networkDriver: 'linux' });
    await cloud.client.workflow.start('aFlowThatIsNotThere', options);
    const { id } = await repair.only(operation.load_balancer_id, 'broken');
    for (const dryRun of [true, false])
      await expect(repair.tell('give-up', id, { dryRun })).rejects.toThrow(
        /^workflow lb\/.* cannot be cancelled: its workflow task fails .*; start a worker .*, or give up with --force, /,
      );
    expect(await statusOf(options.workflowId ?? '')).toBe('RUNNING');
    expect(await repair.tell('give-up', id, { force: true })).toContain('terminated; the operation has failed');
  });
});

describe('weir repair, of a clean-up that no worker can carry on', () => {
  it('terminates it with give-up --force, and names what is left', async () => {
    const loadBalancerId = randomUUID();
    const workflowId = await brokenCleanUp(loadBalancerId);
    const { id, facts } = await repair.only(loadBalancerId, 'silent');
    expect(facts).toContain(`it began with: ${left.join(', ')}`);
    for (const action of ['retry', 'adopt', 'give-up'] as const)
      await expect(repair.tell(action, id)).rejects.toThrow('cannot be told anything');
    await expect(repair.tell('give-up', id)).rejects.toThrow('or give up with --force, which terminates it');

    expect(await repair.tell('give-up', id, { force: true, dryRun: true })).toBe(
      `${id}: would terminate the clean-up; undone may stay: ${left.join(', ')} (workflow ${workflowId})`,
    );
    expect(await statusOf(workflowId)).toBe('RUNNING');
    expect(await repair.tell('give-up', id, { force: true })).toContain(
      `${id}: terminated; undone may stay: ${left.join(', ')}; it is listed here later`,
    );
    expect(await statusOf(workflowId)).toBe('TERMINATED');
    const { events } = await cloud.client.workflow.getHandle(workflowId).fetchHistory();
    const end = events?.at(-1)?.workflowExecutionTerminatedEventAttributes;
    expect(end?.reason).toMatch(/^given up by .+@.+ with weir repair$/);
  });

  it('keeps what is left of its load balancer from being removed by somebody else, until it is given up', async () => {
    const { loadBalancerId, handle } = await stuckCreation(cloud);
    await handle.terminate();
    await repair.only(loadBalancerId, 'BOOTING');
    await brokenCleanUp(loadBalancerId);
    const { id } = await repair.only(loadBalancerId, 'silent');
    cloud.world.troubles.endAll();
    await repair.tell('give-up', id, { force: true });
    const amphora = await repair.only(loadBalancerId, 'BOOTING');
    expect(await repair.tell('retry', amphora.id)).toContain('is removed');
    expect(await leftovers(cloud, loadBalancerId)).toEqual(['VIP port', 'security group']);
  });

  it('is named by retry --all as what it can do nothing about, and shows in the exit code', async () => {
    const loadBalancerId = randomUUID();
    await brokenCleanUp(loadBalancerId);
    const { id } = await repair.only(loadBalancerId, 'silent');
    const { text, code } = await repair.act('retry', undefined);
    expect(text).toContain(`${id}: skipped: clean-up lb/${loadBalancerId}/1/clean-up/`);
    expect(text).toContain('there is nothing to retry');
    expect(code).toBe(3);
    await repair.tell('give-up', id, { force: true });
    expect((await repair.act('retry', undefined)).code).toBe(0);
  });
});
