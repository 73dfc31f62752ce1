/** Histories of the workflows that carry out no operation, and of what befalls a flow besides a failing step. */
import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { hostTaskQueue } from '../../../activities/placement.ts';
import { failOperation } from '../../../db/lifecycle/fail.ts';
import { withdrawCreation } from '../../../db/lifecycle/withdraw.ts';
import type { OperationRow } from '../../../db/schema.ts';
import type { CleanUpProgress } from '../../../model/clean-up.ts';
import { defaultRetries } from '../../../model/retries.ts';
import type { AmphoraRole } from '../../../model/status.ts';
import type { surveyMachines } from '../../../workflows/index.ts';
import type { Cloud } from './cloud.ts';
import { Gate } from './gate.ts';
import { requestChange, requestLoadBalancer, requestOf } from './operations.ts';
import { addMember } from './rows.ts';
import { run, start, type Circumstances } from './run.ts';
import { serving, servingOn } from './serving.ts';
import { cleanUpOf, lostCleanUp, lostMachine, stuckCreation, tell, untilTrue } from './stuck.ts';
import { anything } from './trouble.ts';

/** A history that is none of a scenario's. */
interface Other {
  /** What it shows. */
  readonly shows: RegExp;
  /** Returns the run whose history is saved. */
  readonly run: (cloud: Cloud) => Promise<WorkflowHandle>;
}

/** Of flows of operations. */
const ofOperations: Readonly<Record<string, Other>> = {
  'deleteLoadBalancer-whose-host-is-down': {
    shows: /TIMEOUT_TYPE_SCHEDULE_TO_START.*START_CHILD_WORKFLOW_EXECUTION_INITIATED.*WORKFLOW_EXECUTION_COMPLETED/s,
    run: async (cloud) => {
      const id = await servingOn(cloud, `host-${randomUUID()}`);
      return ended(cloud, await requestOf(cloud.database.db, 'deleteLoadBalancer', id), impatient);
    },
  },
  'failoverAmphora-whose-host-is-down': {
    shows: /TIMEOUT_TYPE_SCHEDULE_TO_START.*START_CHILD_WORKFLOW_EXECUTION_INITIATED.*WORKFLOW_EXECUTION_COMPLETED/s,
    run: async (cloud) => {
      const id = await servingOn(cloud, `host-${randomUUID()}`);
      return ended(cloud, await requestFailover(cloud, id, 'BACKUP'), impatient);
    },
  },
  'failoverAmphora-replaces-the-other-too': {
    shows: /bootAmphora.*bootAmphora.*WORKFLOW_EXECUTION_COMPLETED/s,
    run: async (cloud) => {
      const { loadBalancerId: id } = await serving(cloud, 'ACTIVE_STANDBY');
      await cloud.database.db
        .updateTable('amphora')
        .set({ status: 'ERROR' })
        .where('load_balancer_id', '=', id)
        .where('role', '=', 'BACKUP')
        .execute();
      return ended(cloud, await requestFailover(cloud, id, 'MASTER'));
    },
  },
  'failoverAmphora-leaves-a-member-in-ERROR-without-its-network': {
    shows: /AddressesExhausted.*START_CHILD_WORKFLOW_EXECUTION_INITIATED.*WORKFLOW_EXECUTION_COMPLETED/s,
    run: async (cloud) => {
      const { loadBalancerId, poolId } = await serving(cloud, 'SINGLE');
      const full = await cloud.newSubnet();
      const { db } = cloud.database;
      await db.transaction().execute((tx) => addMember(tx, poolId, 'ERROR', full, '10.11.0.77'));
      cloud.world.troubles.order('network.ensureMemberPort', full, { how: 'refuse', error: 'AddressesExhausted' });
      const operation = await requestFailover(cloud, loadBalancerId, 'STANDALONE');
      const handle = await ended(cloud, operation, { slowNetwork: true });
      cloud.world.troubles.endAll();
      return handle;
    },
  },
  'createLoadBalancer-is-withdrawn': {
    shows: /was withdrawn.*WORKFLOW_EXECUTION_FAILED/s,
    run: async (cloud) => {
      const operation = await requestLoadBalancer(cloud.database.db, await cloud.newSubnet());
      await withdrawCreation(cloud.database.db, operation);
      return ended(cloud, operation);
    },
  },
  'updateLoadBalancer-is-overtaken-by-a-deletion': {
    shows: /is over.*WORKFLOW_EXECUTION_FAILED/s,
    run: async (cloud) => {
      const { loadBalancerId: id } = await serving(cloud, 'SINGLE');
      const { db } = cloud.database;
      const operation = await requestOf(db, 'updateLoadBalancer', id);
      const step = `applyListeners(load balancer, ${operation.sequence})`;
      const overtaken = await start(cloud, operation, { fault: { step, mode: 'hold' } });
      await overtaken.injector.held;
      await failOperation(db, operation.id, { reason: 'given up', causes: [], steps: [] });
      await run(cloud, await requestOf(db, 'deleteLoadBalancer', id));
      overtaken.injector.letGo();
      await overtaken.ended();
      return cloud.client.workflow.getHandle(overtaken.workflowId);
    },
  },
};

/** Nobody takes a step from the queue of a host that is down. */
const impatient: Circumstances = { retries: { ...defaultRetries, hostQueueLimitMs: 1_000 } };

async function ended(cloud: Cloud, operation: OperationRow, circumstances?: Circumstances): Promise<WorkflowHandle> {
  const flow = await start(cloud, operation, circumstances);
  await flow.ended();
  return cloud.client.workflow.getHandle(flow.workflowId);
}

async function requestFailover(cloud: Cloud, loadBalancerId: string, role: AmphoraRole): Promise<OperationRow> {
  const { db } = cloud.database;
  const { id } = await db
    .selectFrom('amphora')
    .select('id')
    .where('load_balancer_id', '=', loadBalancerId)
    .where('role', '=', role)
    .executeTakeFirstOrThrow();
  return requestChange(db, loadBalancerId, () =>
    Promise.resolve({ kind: 'failoverAmphora', resourceType: 'amphora', resourceId: id }),
  );
}

const ofCleanUps: Readonly<Record<string, Other>> = {
  'cleanUp-succeeds-at-last': {
    shows: /ACTIVITY_TASK_FAILED.*the cloud lost the machine.*WORKFLOW_EXECUTION_COMPLETED/s,
    run: async (cloud) => {
      const { handle } = await stuckCreation(cloud);
      cloud.world.troubles.endAll();
      await handle.result();
      return handle;
    },
  },
  'cleanUp-is-adopted-and-tried-anew': {
    shows: /"name": "retry".*"name": "adopt".*WORKFLOW_EXECUTION_COMPLETED/s,
    run: async (cloud) => {
      const { handle } = await stuckCreation(cloud);
      await tell(handle, 'retry', 1);
      await tell(handle, 'adopt', 1);
      cloud.world.troubles.endAll();
      await handle.result();
      return handle;
    },
  },
  'cleanUp-is-given-up': {
    shows: /GivenUp.*WORKFLOW_EXECUTION_FAILED|WORKFLOW_EXECUTION_FAILED.*GivenUp/s,
    run: async (cloud) => {
      const { handle } = await stuckCreation(cloud);
      await tell(handle, 'giveUp', 1);
      cloud.world.troubles.endAll();
      await handle.result().catch(() => undefined);
      return handle;
    },
  },
  'cleanUp-is-cancelled': {
    shows: /WORKFLOW_EXECUTION_CANCELED/,
    run: async (cloud) => {
      const { handle } = await stuckCreation(cloud);
      await handle.cancel();
      await handle.result().catch(() => undefined);
      cloud.world.troubles.endAll();
      return handle;
    },
  },
  'cleanUp-outlives-its-worker': {
    shows: /TIMEOUT_TYPE_HEARTBEAT.*WORKFLOW_EXECUTION_COMPLETED/s,
    run: async (cloud) => {
      const { handle, injector } = await lostCleanUp(cloud);
      await handle.result();
      injector.letGo();
      return handle;
    },
  },
  'cleanUp-waits-for-its-host': {
    shows: /TIMEOUT_TYPE_SCHEDULE_TO_START.*ACTIVITY_TASK_COMPLETED.*WORKFLOW_EXECUTION_COMPLETED/s,
    run: async (cloud) => {
      const host = `host-${randomUUID()}`;
      const handle = await cleanUpOf(cloud, randomUUID(), {}, hostTaskQueue(host));
      await untilTrue(
        'it waits for its host',
        async () => (await handle.query<CleanUpProgress>('progress')).tries > 0,
        90_000,
      );
      const stopHost = await cloud.startHost(host);
      await handle.result();
      await stopHost();
      return handle;
    },
  },
  'cleanUp-goes-on-in-a-new-run': {
    shows: /WORKFLOW_EXECUTION_CONTINUED_AS_NEW/,
    run: async (cloud) => {
      cloud.world.troubles.order('compute.delete', anything, { how: 'refuse', error: lostMachine });
      const handle = await cleanUpOf(cloud, randomUUID(), { eventsAtMost: 15 });
      const { workflowId, firstExecutionRunId: first } = handle;
      const { workflow } = cloud.client;
      await untilTrue(
        'there is a second run',
        async () => (await workflow.getHandle(workflowId).describe()).runId !== first,
      );
      cloud.world.troubles.endAll();
      await workflow.getHandle(workflowId).result();
      return workflow.getHandle(workflowId, first);
    },
  },
};

const ofSurveys: Readonly<Record<string, Other>> = {
  'surveyMachines-succeeds': {
    shows: /WORKFLOW_EXECUTION_COMPLETED/,
    run: (cloud) => survey(cloud, [cloud.taskQueue]),
  },
  'surveyMachines-a-place-is-silent': {
    shows: /TIMEOUT_TYPE_SCHEDULE_TO_START.*WORKFLOW_EXECUTION_COMPLETED/s,
    run: (cloud) => survey(cloud, [cloud.taskQueue, `nobody-${cloud.taskQueue}`]),
  },
  'surveyMachines-a-place-fails': {
    shows: /the cloud is away.*WORKFLOW_EXECUTION_COMPLETED/s,
    run: (cloud) => {
      const error = new Error('the cloud is away');
      cloud.world.troubles.order('compute.list', anything, { how: 'refuse', error });
      return survey(cloud, [cloud.taskQueue]).finally(() => cloud.world.troubles.endAll());
    },
  },
  'surveyMachines-loses-its-worker': {
    shows: /ACTIVITY_TASK_TIMED_OUT.*WORKFLOW_EXECUTION_COMPLETED/s,
    run: (cloud) => {
      const gate = new Gate();
      cloud.world.troubles.order('compute.list', anything, { how: 'slow', gate, times: 1 });
      return survey(cloud, [cloud.taskQueue]).finally(() => gate.open());
    },
  },
  'surveyMachines-is-cancelled': {
    shows: /WORKFLOW_EXECUTION_CANCELED/,
    run: async (cloud) => {
      const handle = await startSurvey(cloud, [`nobody-${cloud.taskQueue}`]);
      await handle.cancel();
      await handle.result().catch(() => undefined);
      return handle;
    },
  },
};

async function survey(cloud: Cloud, places: readonly string[]): Promise<WorkflowHandle> {
  const handle = await startSurvey(cloud, places);
  await handle.result();
  return handle;
}

function startSurvey(cloud: Cloud, places: readonly string[]) {
  return cloud.client.workflow.start<typeof surveyMachines>('surveyMachines', {
    taskQueue: cloud.taskQueue,
    workflowId: `survey-${randomUUID()}`,
    args: [places],
  });
}

/** By their files' names, without the version. */
export const otherEndings: Readonly<Record<string, Other>> = { ...ofOperations, ...ofCleanUps, ...ofSurveys };
