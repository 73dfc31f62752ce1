import { randomUUID } from 'node:crypto';
import { CancelledFailure } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { surveyMachines } from '../../temporal/machines.ts';
import type { surveyMachines as flow } from '../../workflows/index.ts';
import { startCloud, type Cloud } from './support/cloud.ts';
import { Gate } from './support/gate.ts';
import { serving } from './support/serving.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterEach(({ task }) => {
  cloud.world.troubles.endAll();
  Object.assign(task.meta, { flows: [{ name: 'surveyMachines', proofs: { 'of its own': 1 } }] });
});
afterAll(() => cloud.stop());

const survey = (...places: string[]) => surveyMachines(cloud.client, cloud.taskQueue, places);

describe('a survey of machines', () => {
  it('names those that belong to no amphora, and changes nothing', async () => {
    const { loadBalancerId } = await serving(cloud, 'ACTIVE_STANDBY');
    const ownerless = cloud.world.machine(randomUUID(), loadBalancerId);
    const before = [...cloud.world.machines.keys()];
    expect(await survey(cloud.taskQueue)).toEqual([
      { taskQueue: cloud.taskQueue, machines: [ownerless], failure: null },
    ]);
    expect([...cloud.world.machines.keys()]).toEqual(before);
    cloud.world.machines.delete(ownerless);
  });

  it('says which place does not answer, and what the others have', async () => {
    const nobody = `nobody-${randomUUID()}`;
    const [here, there] = await survey(cloud.taskQueue, nobody);
    expect(here).toEqual({ taskQueue: cloud.taskQueue, machines: [], failure: null });
    expect(there).toMatchObject({ taskQueue: nobody, machines: [] });
    expect(there?.failure).toContain('nobody took the step');
  });

  it('says why a place fails', async () => {
    cloud.world.troubles.order('compute.list', '', { how: 'refuse', error: new Error('the cloud is away') });
    const [here] = await survey(cloud.taskQueue);
    expect(here).toMatchObject({ machines: [], failure: expect.stringContaining('the cloud is away') as string });
  });

  it('says the same, and changes nothing, though every place is asked twice', async () => {
    const { loadBalancerId } = await serving(cloud, 'SINGLE');
    const ownerless = cloud.world.machine(randomUUID(), loadBalancerId);
    const before = [...cloud.world.machines.keys()];
    cloud.world.troubles.order('compute.list', '', { how: 'twice' });
    const once = { taskQueue: cloud.taskQueue, machines: [ownerless], failure: null };
    expect(await survey(cloud.taskQueue, cloud.taskQueue)).toEqual([once, once]);
    expect([...cloud.world.machines.keys()]).toEqual(before);
    cloud.world.machines.delete(ownerless);
  });

  it('says which place lost its worker while it was asked', async () => {
    const away = new Gate();
    cloud.world.troubles.order('compute.list', '', { how: 'slow', gate: away, times: 1 });
    const [here] = await survey(cloud.taskQueue);
    away.open();
    expect(here).toMatchObject({ machines: [], failure: expect.stringContaining('longer than it may') as string });
  });

  it('ends as cancelled when its workflow is', async () => {
    const nobody = `nobody-${randomUUID()}`;
    const handle = await cloud.client.workflow.start<typeof flow>('surveyMachines', {
      taskQueue: cloud.taskQueue,
      workflowId: `survey-${randomUUID()}`,
      args: [[nobody]],
    });
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) as unknown });
  });
});
