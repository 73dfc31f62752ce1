/** Flows that got stuck, and those who look at them. */
import { randomUUID } from 'node:crypto';
import type { WorkflowHandle, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { until } from '../../../cli/process/until.ts';
import { DriverError } from '../../../drivers/errors.ts';
import type { CleanUpAnswer, CleanUpCommand, CleanUpOrder } from '../../../model/clean-up.ts';
import { buildPriority } from '../../../model/build-priority.ts';
import { workflowIdOf } from '../../../model/operation.ts';
import type { cleanUp } from '../../../workflows/index.ts';
import type { CleanUpInput } from '../../../workflows/clean-up/effort.ts';
import type { Cloud } from './cloud.ts';
import { Injector } from './injector.ts';
import { Names } from './names.ts';
import { requestLoadBalancer } from './operations.ts';
import { run } from './run.ts';
import { anything } from './trouble.ts';

export type CleanUpHandle = WorkflowHandle<typeof cleanUp>;

export const lostMachine = new DriverError('ComputeFailed', 'the cloud lost the machine');

export interface StuckCreation {
  readonly loadBalancerId: string;
  readonly failure: string | null;
  readonly handle: CleanUpHandle;
}

/** The step whose answer is lost. */
const boot = `bootAmphora(new standalone, ${buildPriority.create})`;

/** A creation whose boot fails after its effect, and whose machine cannot be taken away again for as long as the driver refuses `delete`. */
export async function stuckCreation(cloud: Cloud): Promise<StuckCreation> {
  cloud.world.troubles.order('compute.delete', anything, { how: 'refuse', error: lostMachine });
  const operation = await requestLoadBalancer(cloud.database.db, await cloud.newSubnet());
  const { load_balancer_id: loadBalancerId, sequence } = operation;
  const { failure } = await run(cloud, operation, { fault: { step: boot, mode: 'after' } });
  const flow = cloud.client.workflow.getHandle(workflowIdOf({ loadBalancerId, sequence }));
  const { events } = await flow.fetchHistory();
  const id = events
    ?.map(({ startChildWorkflowExecutionInitiatedEventAttributes: child }) => child?.workflowId)
    .find((child) => child != null);
  if (id == null) throw new Error(`no clean-up was started: ${failure}`);
  return { loadBalancerId, failure, handle: cloud.client.workflow.getHandle<typeof cleanUp>(id) };
}

/** Starts a clean-up that deletes the machine of one amphora, which there is, in the control plane or where `taskQueue` says. */
export function cleanUpOf(
  cloud: Cloud,
  amphoraId: string,
  more: Pick<CleanUpInput, 'eventsAtMost'> = {},
  taskQueue?: string,
): Promise<WorkflowHandleWithFirstExecutionRunId<typeof cleanUp>> {
  cloud.world.machine(amphoraId, 'none');
  const place = taskQueue !== undefined && { taskQueue };
  const calls = [{ name: 'delete compute', activity: 'deleteCompute', args: [amphoraId], ...place }] as const;
  return cloud.client.workflow.start<typeof cleanUp>('cleanUp', {
    taskQueue: cloud.taskQueue,
    workflowId: `clean-up-${amphoraId}`,
    args: [{ calls, reason: 'a test', ...more }],
  });
}

/** One whose worker is lost in its first try. */
export async function lostCleanUp(
  cloud: Cloud,
): Promise<{ readonly handle: CleanUpHandle; readonly injector: Injector }> {
  const amphoraId = randomUUID();
  const injector = new Injector(new Names({ [amphoraId]: 'amphora' }), {
    step: 'deleteCompute(amphora)',
    mode: 'lose',
  });
  cloud.injectors.set(`clean-up-${amphoraId}`, injector);
  return { handle: await cleanUpOf(cloud, amphoraId), injector };
}

/** Says what an operator would say of the open call. */
export function tell(handle: CleanUpHandle, command: CleanUpCommand, call: number): Promise<CleanUpAnswer> {
  return handle.executeUpdate<CleanUpAnswer, [CleanUpOrder]>(command, { args: [{ call, by: 'the test' }] });
}

/** Throws when it does not become true within 20 s, or what else the limit is. */
export async function untilTrue(what: string, condition: () => Promise<boolean>, limitMs = 20_000): Promise<void> {
  if ((await until(condition, limitMs, 50)) !== true) throw new Error(`not within ${limitMs / 1000} s: ${what}`);
}
