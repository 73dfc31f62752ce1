/** What every flow has in common: its steps, its unwinding, and the record of how it ended. */
import {
  CancellationScope,
  defineQuery,
  log,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import type { Activities } from '../activities/activities.ts';
import { quoted } from '../model/markdown.ts';
import type { OperationInput, StepNow } from '../model/operation.ts';
import { causesOf, reasonOf } from './failure.ts';
import { policiesOf } from './policies.ts';
import { Saga, type Steps, type Unwound } from './saga.ts';

/** What the flow has done and is doing. A query leaves nothing in the history. */
const steps = defineQuery<readonly StepNow[]>('steps');

/**
 * Runs the body of a flow, then ends its operation as succeeded, which is the step that is called `done`. When anything
 * fails or is cancelled: takes the steps back, writes the statuses that the operation's failure has (Octavia:
 * tasks/lifecycle_tasks.py, the *ToErrorOnRevert tasks), keeps what happened on the operation, and fails with the original
 * failure.
 */
export async function flow(input: OperationInput, done: string, body: (step: Steps) => Promise<void>): Promise<void> {
  const saga = new Saga(input);
  setHandler(steps, () => saga.now);
  try {
    await body(saga.steps);
    await saga.steps.database(done, (a) => a.completeOperation(input.operationId, saga.journal));
    setCurrentDetails('**done**');
  } catch (cause) {
    const reverted = await CancellationScope.nonCancellable(() => revert(input, saga, cause));
    if (reverted) throw cause;
  }
}

/** False when the operation has ended well after all, and only the answer of its last step was lost. */
async function revert({ operationId, retries }: OperationInput, saga: Saga, cause: unknown): Promise<boolean> {
  const summarized = (summary: string) =>
    proxyLocalActivities<Activities>({ ...policiesOf(retries).database, summary });
  if (await summarized('look whether it succeeded after all').hasSucceeded(operationId)) return false;
  const reason = explain(cause, await saga.unwind(cause));
  await summarized('mark as failed').failOperation(operationId, {
    reason,
    causes: causesOf(cause),
    steps: saga.journal,
  });
  log.warn('flow failed and was unwound', { reason });
  setCurrentDetails(`**failed**: ${quoted(reason)}`);
  return true;
}

function explain(cause: unknown, { left, stuck }: Unwound): string {
  return left.length === 0
    ? reasonOf(cause)
    : `${reasonOf(cause)} (still cleaning up: ${left.join(', ')}, because ${reasonOf(stuck)})`;
}
