/** What the workflow of an operation is busy with, as Temporal's server knows it: no worker needs to answer. */
import { randomUUID } from 'node:crypto';
import { WorkflowNotFoundError, type Client, type WorkflowExecutionStatusName } from '@temporalio/client';
import { optionalTsToDate } from '@temporalio/common/lib/time.js';

type Described = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['describe']>>['raw'];
type Pending = NonNullable<Described['pendingActivities']>[number];
type Failure = Pending['lastFailure'];

/** A step that is not over. */
export interface PendingStep {
  readonly activityId: string;
  readonly activity: string;
  readonly attempt: number;
  /** Why its last attempt failed; null when none has. */
  readonly failure: string | null;
  readonly nextTryAt: Date | null;
}

export interface Execution {
  readonly workflowId: string;
  readonly runId: string;
  readonly status: WorkflowExecutionStatusName;
  readonly steps: readonly PendingStep[];
  /** A workflow task that fails again and again: the worker cannot carry the flow on. Null when it does not. */
  readonly broken: { readonly attempt: number; readonly failure: string } | null;
}

/** Attempts of a workflow task after which it counts as broken; one or two are a worker that went away. */
const brokenFrom = 3;

/** Describes a workflow; null when Temporal does not know it. */
export async function describeExecution(client: Client, workflowId: string): Promise<Execution | null> {
  try {
    const { raw, runId, status } = await client.workflow.getHandle(workflowId).describe();
    const attempt = raw.pendingWorkflowTask?.attempt ?? 1;
    return {
      workflowId,
      runId,
      status: status.name,
      steps: (raw.pendingActivities ?? []).map(stepOf),
      broken: attempt < brokenFrom ? null : { attempt, failure: await lastTaskFailure(client, workflowId, runId) },
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

function stepOf(pending: Pending): PendingStep {
  return {
    activityId: pending.activityId ?? '',
    activity: pending.activityType?.name ?? '',
    attempt: pending.attempt ?? 1,
    failure: pending.lastFailure == null ? null : chainOf(pending.lastFailure),
    nextTryAt: optionalTsToDate(pending.nextAttemptScheduleTime) ?? null,
  };
}

/** The messages of a failure and its causes, outermost first, as one line. */
function chainOf(failure: Failure): string {
  const messages: string[] = [];
  for (let current = failure; current != null; current = current.cause) {
    const type = current.applicationFailureInfo?.type ?? '';
    messages.push(type === '' || type === 'Error' ? (current.message ?? '') : `${type}: ${current.message}`);
  }
  return [...new Set(messages)].join(': ');
}

/** Temporal writes the first failure of a workflow task into the history, and not those of its further attempts. */
async function lastTaskFailure(client: Client, workflowId: string, runId: string): Promise<string> {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 50,
  });
  const failed = history?.events?.find(({ workflowTaskFailedEventAttributes: attributes }) => attributes != null);
  return chainOf(failed?.workflowTaskFailedEventAttributes?.failure) || 'no worker takes it';
}

/** Asks a workflow to take back what it did and to end. Its history keeps the reason. */
export async function cancelFor(client: Client, workflowId: string, reason: string): Promise<void> {
  await client.workflowService.requestCancelWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId },
    identity: client.options.identity,
    requestId: randomUUID(),
    reason,
  });
}

/** Has a step tried at once, from its first attempt on. */
export async function resetStep(client: Client, { workflowId, runId }: Execution, step: PendingStep): Promise<void> {
  await client.workflowService.resetActivity({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    id: step.activityId,
    identity: client.options.identity,
  });
}

const answerLimitMs = 2_000;

/** What the flow says of itself at this moment, without markup; null when no worker answers. */
export async function currentStep(client: Client, workflowId: string): Promise<string | null> {
  const handle = client.workflow.getHandle(workflowId);
  const metadata = await client
    .withDeadline(Date.now() + answerLimitMs, () =>
      handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata'),
    )
    .catch(() => null);
  const details = metadata?.currentDetails ?? '';
  return details === '' ? null : details.replaceAll('**', '').replaceAll(/\s+/g, ' ').trim();
}
