import type { WorkflowHandle } from '@temporalio/client';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { Cloud } from '../cloud.ts';
import type { Findings } from './verdict.ts';

/** Replays run in a worker's threads. In debug mode, a replay's default, they would run in this one, and leave it slow: every promise is then traced. */
const inThreads = { debugMode: false };

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
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

/**
 * P9: the history of every run replays with the flows as they are, and so does that of every clean-up that it started. Returns what
 * does not, by the run's workflow id.
 */
export async function replayable(
  { client, workflowBundle }: Cloud,
  workflowIds: readonly string[],
): Promise<ReadonlyMap<string, Findings>> {
  const parents = new Map<string, string>();
  const historyOf = (workflowId: string): Promise<History> => client.workflow.getHandle(workflowId).fetchHistory();
  const histories = async function* () {
    for (const workflowId of workflowIds) {
      const history = await historyOf(workflowId);
      yield { workflowId, history };
      for (const { startChildWorkflowExecutionInitiatedEventAttributes: child } of history.events ?? []) {
        if (child?.workflowId == null) continue;
        parents.set(child.workflowId, workflowId);
        yield { workflowId: child.workflowId, history: await historyOf(child.workflowId) };
      }
    }
  };
  const findings = new Map<string, string[]>();
  for (const [id, why] of await notReplayable(workflowBundle, histories())) {
    const run = parents.get(id) ?? id;
    findings.set(run, [...(findings.get(run) ?? []), `${id} does not replay: ${why}`]);
  }
  return findings;
}
