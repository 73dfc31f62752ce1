/** What every flow has in common: its steps, its unwinding, and the record of how it ended. */
import { CancellationScope, log, proxyLocalActivities, setCurrentDetails } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.ts';
import type { OperationInput } from '../model/operation.ts';
import * as policies from './policies.ts';
import { Saga, reasonOf, type Steps } from './saga.ts';

/**
 * Runs the body of a flow. When it fails or is cancelled: takes its steps back, writes the statuses that the operation's
 * failure has (Octavia: tasks/lifecycle_tasks.py, the *ToErrorOnRevert tasks), keeps the reason on the operation, and
 * fails with the original failure.
 */
export async function flow(input: OperationInput, body: (step: Steps) => Promise<void>): Promise<void> {
  const saga = new Saga(input.quickNetwork);
  try {
    await body(saga.steps);
    setCurrentDetails('**done**');
  } catch (cause) {
    const reverted = await CancellationScope.nonCancellable(() => revert(input, saga, cause));
    if (reverted) throw cause;
  }
}

/** False when the operation has ended well after all, and only the answer of its last step was lost. */
async function revert(input: OperationInput, saga: Saga, cause: unknown): Promise<boolean> {
  const { failOperation, hasSucceeded } = proxyLocalActivities<Activities>(policies.database);
  if (await hasSucceeded(input.operationId)) return false;
  const left = await saga.unwind(cause);
  const reason = left.length === 0 ? reasonOf(cause) : `${reasonOf(cause)} (still cleaning up: ${left.join(', ')})`;
  await failOperation(input.operationId, reason);
  log.warn('flow failed and was unwound', { reason });
  setCurrentDetails(`**failed**: ${reason}`);
  return true;
}
