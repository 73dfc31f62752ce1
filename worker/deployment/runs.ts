import type { Client } from '@temporalio/client';
import type { WorkerDeploymentVersion } from '@temporalio/common';

/** A run that our build does not carry on yet. */
export interface ForeignRun {
  readonly workflowId: string;
  readonly runId: string;
  /** The build that it is pinned to; null when it began before there was versioning. */
  readonly build: string | null;
}

/** A run gets its build with its first workflow task: one that is younger has just begun. */
const firstTaskMs = 10_000;
const pinnedTo = 'TemporalWorkerDeploymentVersion';
const versioningOverride = 'versioning_override';
const pinned = 1;

/** The runs on the task queue that are pinned to another build than ours, or to none. */
export async function foreignRuns(
  client: Client,
  { deploymentName, buildId }: WorkerDeploymentVersion,
  taskQueue: string,
): Promise<readonly ForeignRun[]> {
  const begun = new Date(Date.now() - firstTaskMs).toISOString();
  const none = `(${pinnedTo} is null and StartTime < '${begun}')`;
  const another = `${pinnedTo} != '${deploymentName}:${buildId}'`;
  const query = `ExecutionStatus = 'Running' and TaskQueue = '${taskQueue}' and (${none} or ${another})`;
  const runs: ForeignRun[] = [];
  for await (const { workflowId, runId, searchAttributes } of client.workflow.list({ query })) {
    const [version] = searchAttributes[pinnedTo] ?? [];
    const build = typeof version === 'string' ? version.slice(version.indexOf(':') + 1) : null;
    runs.push({ workflowId, runId, build });
  }
  return runs;
}

/** Pins a run to our build. */
export async function moveRun(
  client: Client,
  { workflowId, runId }: ForeignRun,
  version: WorkerDeploymentVersion,
): Promise<void> {
  await client.workflowService.updateWorkflowExecutionOptions({
    namespace: client.options.namespace,
    workflowExecution: { workflowId, runId },
    updateMask: { paths: [versioningOverride] },
    workflowExecutionOptions: { versioningOverride: { pinned: { behavior: pinned, version } } },
    identity: client.options.identity,
  });
}
