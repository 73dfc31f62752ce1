import type { OperationInput } from '../../model/operation.ts';
import { flow } from '../flow.ts';
import { rejoin } from './rejoin.ts';
import { replaceAmphora } from './replace.ts';

/** Replaces one amphora without touching the living one (Octavia: flows/amphora_flows.py, failover). */
export function failoverAmphora(input: OperationInput): Promise<void> {
  const { loadBalancerId, resourceId } = input;
  return flow(input, 'mark load balancer active', async (step) => {
    const { amphorae } = await step.database('read load balancer', (a) => a.describeLoadBalancer(loadBalancerId));
    const failed = amphorae.find(({ id }) => id === resourceId);
    if (failed !== undefined) await replaceAmphora(step, input, failed.role, failed);
    await rejoin(step, loadBalancerId);
  });
}
