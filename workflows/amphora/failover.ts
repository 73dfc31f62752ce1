import { patched } from '@temporalio/workflow';
import type { AmphoraOutline } from '../../activities/operation.ts';
import type { OperationInput } from '../../model/operation.ts';
import { flow } from '../flow.ts';
import { rejoin } from './rejoin.ts';
import { replaceAmphora } from './replace.ts';
import { abandonAmphora } from './retire.ts';

/**
 * Replaces one amphora without touching the living one (Octavia: flows/amphora_flows.py, failover). One that cannot be told of the
 * change, or whose own failover failed before, is replaced too: the load balancer would be ACTIVE with an amphora that serves
 * what is out of date, and nobody would look at it again.
 */
export function failoverAmphora(input: OperationInput): Promise<void> {
  const { loadBalancerId, resourceId } = input;
  return flow(input, 'mark load balancer active', async (step) => {
    const { amphorae } = await step.database('read load balancer', (a) => a.describeLoadBalancer(loadBalancerId));
    if (patched('ensure the VIP before an amphora is replaced'))
      await step.network('ensure VIP', (a) => a.restoreVip(loadBalancerId));
    const failed = amphorae.find(({ id }) => id === resourceId);
    const made = failed === undefined ? null : await replaceAmphora(step, input, failed.role, failed);
    // A turn that is taken anew, as its worker was lost, finds the replacement that it has made itself.
    const others = amphorae.filter(({ id }) => id !== resourceId && id !== made);
    const unfinished = others.filter((one) => isUnfinished(one, failed));
    for (const one of unfinished) await abandonAmphora(step, one);
    const broken = await rejoin(step, loadBalancerId);
    const rest = others.filter((one) => !unfinished.includes(one));
    for (const other of rest.filter(({ id, status }) => status === 'ERROR' || broken.includes(id))) {
      await replaceAmphora(step, input, other.role, other);
      await rejoin(step, loadBalancerId);
    }
  });
}

/** Whether a run made it that Temporal has lost: a replacement for the same place, or one that never came up. */
function isUnfinished({ role, status }: AmphoraOutline, failed: AmphoraOutline | undefined): boolean {
  return role === failed?.role || status === 'PENDING_CREATE' || status === 'BOOTING';
}
