import { patched } from '@temporalio/workflow';
import { all, type Steps } from '../saga.ts';

/**
 * Starts VRRP on a replacement. Advertisements go to known addresses only: whoever may hold the VIP, the one that leaves
 * included, is told of the replacement first. It would else hear nobody and take the VIP beside its holder.
 */
export async function joinPair(
  step: Steps,
  loadBalancerId: string,
  replacementId: string,
  leavingId: string | null,
): Promise<void> {
  const start = 'start VRRP on the new amphora';
  if (!patched('tell the pair before VRRP starts')) {
    await step.amphoraFailover(start, (a) => a.applyVrrp(replacementId));
    return;
  }
  const { amphorae } = await step.database('read amphorae', (a) => a.describeLoadBalancer(loadBalancerId));
  await all(
    amphorae.filter(({ id }) => id !== replacementId),
    ({ id }) => step.amphoraFailover('tell of the new amphora', (a) => a.introduceReplacement(id, leavingId)),
  );
  await step.amphoraFailover(start, (a) => a.applyVrrp(replacementId, leavingId));
}
