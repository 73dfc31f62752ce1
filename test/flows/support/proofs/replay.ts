import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { Cloud } from '../cloud.ts';
import type { Findings } from './verdict.ts';

/** Replays run in a worker's threads. In debug mode, a replay's default, they would run in this one, and leave it slow: every promise is then traced. */
const inThreads = { debugMode: false };

type Histories = Parameters<typeof Worker.runReplayHistories>[1];

/** Replays histories with the flows as they are. Returns why some do not, by workflow id. */
export async function notReplayable(
  workflowBundle: WorkflowBundleWithSourceMap,
  histories: Histories,
): Promise<ReadonlyMap<string, string>> {
  const failures = new Map<string, string>();
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle, ...inThreads }, histories))
    if (error !== undefined) failures.set(workflowId, error.message);
  return failures;
}

/** P9: the history of every run replays with the flows as they are. Returns what does not, by workflow id. */
export async function replayable(
  { client, workflowBundle }: Cloud,
  workflowIds: readonly string[],
): Promise<ReadonlyMap<string, Findings>> {
  const histories = async function* () {
    for (const workflowId of workflowIds)
      yield { workflowId, history: await client.workflow.getHandle(workflowId).fetchHistory() };
  };
  const failures = await notReplayable(workflowBundle, histories());
  return new Map([...failures].map(([id, why]) => [id, [`${id} does not replay: ${why}`]]));
}
