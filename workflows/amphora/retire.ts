import { CancellationScope, isCancellation, patched, workflowInfo } from '@temporalio/workflow';
import { detach } from '../clean-up/detach.ts';
import { isUntaken, reasonOf } from '../failure.ts';
import type { Steps } from '../saga.ts';
import { removalOf, type RetiredAmphora } from './removal.ts';

/** Ends an amphora and everything made for it (Octavia: flows/amphora_flows.py get_delete_amphora_flow). */
async function retireAmphora(step: Steps, { id, taskQueue }: RetiredAmphora): Promise<void> {
  await step.on(taskQueue).compute('delete compute', (a) => a.deleteCompute(id));
  await step.network('delete ports', (a) => a.deleteAmphoraPorts(id));
  await step.database('mark amphora deleted', (a) => a.markAmphoraDeleted(id));
}

/**
 * The same for one whose load balancer is deleted. A host that is down may never come back, and the deletion does not wait for it
 * (Nova deletes the servers of such a host at once, too). Returns why the amphora is still there; null when it is gone.
 */
export async function retireUnlessDown(step: Steps, amphora: RetiredAmphora): Promise<Error | null> {
  try {
    await retireAmphora(step, amphora);
    return null;
  } catch (error) {
    const isOnHost = amphora.taskQueue !== workflowInfo().taskQueue;
    if (isOnHost && isUntaken(error) && patched('delete though a host is down')) return error;
    throw error;
  }
}

/**
 * The same for an amphora that was replaced already. Its host may be gone for good, and the load balancer does not wait for
 * that: what cannot be removed in time goes to a clean-up flow (Octavia: ComputeDelete with passive_failure, which abandons
 * it). So does what is left when the flow is cancelled: its replacement stays, and both would answer for the VIP.
 */
export async function abandonAmphora(step: Steps, amphora: RetiredAmphora): Promise<void> {
  try {
    await retireAmphora(step, amphora);
  } catch (error) {
    const why = `amphora ${amphora.id} could not be removed: ${reasonOf(error)}`;
    const handOver = (): Promise<void> => detach(removalOf(amphora), why, error);
    if (!isCancellation(error)) return handOver();
    if (patched('remove what was replaced though cancelled')) await CancellationScope.nonCancellable(handOver);
    throw error;
  }
}
