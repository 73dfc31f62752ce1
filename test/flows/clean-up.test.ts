import { randomUUID } from 'node:crypto';
import { WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CleanUpProgress } from '../../model/clean-up.ts';
import type { cleanUp } from '../../workflows/index.ts';
import { CleanUp, LoadBalancerId } from '../../workflows/search-attributes.ts';
import { startCloud, type Cloud } from './support/cloud.ts';
import { requestOf } from './support/operations.ts';
import { undeletable, wrongAfterSuccess } from './support/proofs/verdict.ts';
import { run } from './support/run.ts';
import { scenarios } from './support/scenario.ts';
import { leftovers } from './support/slate.ts';
import { statusOf } from './support/statuses.ts';
import {
  cleanUpOf,
  lostCleanUp,
  lostMachine,
  stuckCreation,
  tell,
  untilTrue,
  type CleanUpHandle,
} from './support/stuck.ts';
import { anything } from './support/trouble.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterEach(({ task }) => {
  cloud.world.troubles.endAll();
  Object.assign(task.meta, { flows: [{ name: 'cleanUp', proofs: { 'of its own': 1 } }] });
});
afterAll(() => cloud.stop());

const transient = new Error('the cloud is away');

const progressOf = (handle: CleanUpHandle): Promise<CleanUpProgress> => handle.query<CleanUpProgress>('progress');

async function stateOf(handle: CleanUpHandle): Promise<string | undefined> {
  return (await handle.describe()).typedSearchAttributes.get(CleanUp);
}

/** Why an update was refused. */
async function refusalOf(update: Promise<unknown>): Promise<string> {
  const error = await update.then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof WorkflowUpdateFailedError && error.cause instanceof Error ? error.cause.message : '';
}

describe('a clean-up', () => {
  it('goes on while the load balancer is in ERROR already, with both reasons', async () => {
    const { loadBalancerId, failure, handle } = await stuckCreation(cloud);
    expect(await statusOf(cloud, loadBalancerId)).toBe('ERROR');
    expect(failure).toContain('injected into');
    const { reason } = await cloud.database.db
      .selectFrom('operation')
      .select('reason')
      .where('load_balancer_id', '=', loadBalancerId)
      .executeTakeFirstOrThrow();
    expect(reason).toContain('injected into');
    expect(reason).toContain('still cleaning up: undo: boot standalone, ');
    expect(reason).toContain('the cloud lost the machine');
    expect((await handle.describe()).status.name).toBe('RUNNING');

    cloud.world.troubles.endAll();
    await handle.result();
    expect(await leftovers(cloud, loadBalancerId)).toEqual([]);
  });

  it('is found by its search attributes and says what it tries and why it fails', async () => {
    const { loadBalancerId, handle } = await stuckCreation(cloud);
    await untilTrue('the clean-up is stuck', async () => (await stateOf(handle)) === 'stuck');
    const query = `CleanUp = "stuck" and LoadBalancerId = "${loadBalancerId}" and ExecutionStatus = "Running"`;
    await untilTrue('it is listed', async () => {
      for await (const { workflowId } of cloud.client.workflow.list({ query })) return workflowId === handle.workflowId;
      return false;
    });
    const progress = await progressOf(handle);
    expect(progress).toMatchObject({ state: 'stuck', open: 1, adopted: [] });
    expect(progress.calls[0]).toMatchObject({ name: 'undo: boot standalone', activity: 'deleteCompute' });
    expect(progress.failure.map(({ message }) => message)).toContain('the cloud lost the machine');
    const description = await handle.describe();
    expect(description.typedSearchAttributes.get(LoadBalancerId)).toBe(loadBalancerId);
    expect(await description.staticSummary()).toBe(`clean up after create load balancer ${loadBalancerId}`);
    await tell(handle, 'giveUp', 1);
  });

  it('tries at once when it is told to, and says how that went', async () => {
    const { loadBalancerId, handle } = await stuckCreation(cloud);
    expect(await tell(handle, 'retry', 1)).toMatchObject({ outcome: 'failed', call: 'undo: boot standalone' });
    cloud.world.troubles.endAll();
    const answer = await tell(handle, 'retry', 1);
    expect(answer.outcome).toBe('done');
    await handle.result();
    expect(await leftovers(cloud, loadBalancerId)).toEqual([]);
    expect(await stateOf(handle)).toBe('done');
  });

  it('goes on with the next call when the open one is adopted', async () => {
    const { loadBalancerId, handle } = await stuckCreation(cloud);
    const answer = await tell(handle, 'adopt', 1);
    expect(answer).toMatchObject({ outcome: 'adopted', call: 'undo: boot standalone' });
    await handle.result();
    expect(await leftovers(cloud, loadBalancerId)).toEqual([expect.stringMatching(/^machine /)]);
  });

  it('ends as failed, and names what is left, when it is given up', async () => {
    const { handle } = await stuckCreation(cloud);
    expect(await tell(handle, 'giveUp', 1)).toMatchObject({ outcome: 'given up' });
    const error = await handle.result().catch((reason: unknown) => reason);
    const cause = error instanceof WorkflowFailedError ? error.cause : undefined;
    expect(cause).toBeInstanceOf(ApplicationFailure);
    expect(cause).toMatchObject({ type: 'GivenUp' });
    expect((cause as ApplicationFailure).message).toMatch(
      /^given up by the test; left undone: undo: boot standalone, undo: create VRRP port of standalone, /,
    );
    expect(await stateOf(handle)).toBe('given up');
  });

  it('refuses a command that names another call than the open one', async () => {
    const { handle } = await stuckCreation(cloud);
    expect(await refusalOf(tell(handle, 'adopt', 2))).toBe(
      'call 2 is not open: "undo: create VRRP port of standalone" comes after call 1, "undo: boot standalone"',
    );
    expect(await refusalOf(tell(handle, 'adopt', 9))).toMatch(/^call 9 is not open: there are \d calls$/);
    cloud.world.troubles.order('network.portsOf', anything, { how: 'refuse', error: lostMachine });
    await tell(handle, 'adopt', 1);
    expect(await refusalOf(tell(handle, 'adopt', 1))).toBe('call 1 is not open: "undo: boot standalone" was adopted');
    await tell(handle, 'giveUp', 2);
  });

  it('ends by itself, and nothing is left, once the driver works again', async () => {
    const { loadBalancerId, handle } = await stuckCreation(cloud);
    cloud.world.troubles.order('compute.delete', anything, { how: 'refuse', error: transient });
    await untilTrue('it has tried twice', async () => (await progressOf(handle)).tries >= 2);
    cloud.world.troubles.endAll();
    await handle.result();
    expect(await leftovers(cloud, loadBalancerId)).toEqual([]);
  });

  it('is tried once more when its worker is lost in a try', { timeout: 120_000 }, async () => {
    const { handle, injector } = await lostCleanUp(cloud);
    await handle.result();
    injector.letGo();
    expect(cloud.world.machines.has(handle.workflowId.replace('clean-up', 'machine'))).toBe(false);
    expect(injector.steps).toEqual(['deleteCompute(amphora)', 'deleteCompute(amphora) #2']);
  });

  it('ends when its workflow is cancelled, and a deletion takes away what it left', async () => {
    const { loadBalancerId, handle } = await stuckCreation(cloud);
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    cloud.world.troubles.endAll();
    expect(await leftovers(cloud, loadBalancerId)).not.toEqual([]);
    expect(await undeletable(cloud, loadBalancerId)).toEqual([]);
  });

  it('tries once more when the answer to a call is lost, and leaves nothing', async () => {
    const { loadBalancerId, handle } = await stuckCreation(cloud);
    cloud.world.troubles.endAll();
    for (const call of ['compute.delete', 'network.deletePort', 'network.releaseVip'])
      cloud.world.troubles.order(call, anything, { how: 'lose', error: transient, times: 1 });
    await handle.result();
    expect((await progressOf(handle)).calls.length).toBeGreaterThan(2);
    expect(await leftovers(cloud, loadBalancerId)).toEqual([]);
  });

  it('leaves alone what a newer operation has made of the load balancer', async () => {
    const { loadBalancerId, handle } = await stuckCreation(cloud);
    const failover = await requestOf(cloud.database.db, 'failoverLoadBalancer', loadBalancerId);
    expect((await run(cloud, failover)).failure).toBeNull();
    cloud.world.troubles.endAll();
    await handle.result();
    const shape = scenarios.find(({ kind, topology }) => kind === 'failoverLoadBalancer' && topology === 'SINGLE');
    if (shape === undefined) throw new Error('there is no failover');
    expect(await wrongAfterSuccess(cloud, shape, failover)).toEqual([]);
    expect(await undeletable(cloud, loadBalancerId)).toEqual([]);
  });

  it('has one effect though each of its calls is made twice', async () => {
    const { loadBalancerId, handle } = await stuckCreation(cloud);
    cloud.world.troubles.endAll();
    for (const call of ['compute.delete', 'network.deletePort', 'network.releaseVip'])
      cloud.world.troubles.order(call, anything, { how: 'twice' });
    await handle.result();
    expect(await leftovers(cloud, loadBalancerId)).toEqual([]);
  });

  it('goes on in a new run before its history is long', async () => {
    cloud.world.troubles.order('compute.delete', anything, { how: 'refuse', error: transient });
    const amphoraId = randomUUID();
    const handle = await cleanUpOf(cloud, amphoraId, { eventsAtMost: 15 });
    await untilTrue('there is a second run', async () => {
      const { runId } = await cloud.client.workflow.getHandle(handle.workflowId).describe();
      return runId !== handle.firstExecutionRunId;
    });
    const second = cloud.client.workflow.getHandle<typeof cleanUp>(handle.workflowId);
    expect((await progressOf(second)).tries).toBeGreaterThan(0);
    cloud.world.troubles.endAll();
    expect((await tell(second, 'retry', 1)).outcome).toBe('done');
    await second.result();
    expect(cloud.world.machines.has(`machine-${amphoraId}`)).toBe(false);
  });
});
