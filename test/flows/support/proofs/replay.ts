import { Worker } from '@temporalio/worker';
import type { Cloud } from '../cloud.ts';
import type { Findings } from './verdict.ts';

/** P9: the history of every run replays with the flows as they are. Returns what does not, by workflow id. */
export async function replayable(
  { client, workflowBundle }: Cloud,
  workflowIds: readonly string[],
): Promise<ReadonlyMap<string, Findings>> {
  const histories = async function* () {
    for (const workflowId of workflowIds)
      yield { workflowId, history: await client.workflow.getHandle(workflowId).fetchHistory() };
  };
  const failures = new Map<string, Findings>();
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, histories()))
    if (error !== undefined) failures.set(workflowId, [`${workflowId} does not replay: ${error.message}`]);
  return failures;
}
