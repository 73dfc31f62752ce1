import type { OperationInput } from '../../model/operation.ts';
import { deleteAmphora } from '../amphora/retire.ts';
import { flow } from '../flow.ts';
import { all } from '../saga.ts';

/** Ends a load balancer and all that it has (Octavia: flows/load_balancer_flows.py, delete and cascade delete). */
export function deleteLoadBalancer(input: OperationInput): Promise<void> {
  const { loadBalancerId, sequence } = input;
  return flow(input, 'mark load balancer deleted', async (step) => {
    const { amphorae } = await step.database('read load balancer', (a) => a.describeLoadBalancer(loadBalancerId));
    await all(amphorae, async (amphora) => {
      await step.database('mark amphora for removal', (a) => a.markAmphoraPendingDelete(amphora.id));
      await deleteAmphora(step, amphora);
    });
    await step.network('release VIP', (a) => a.releaseVip(loadBalancerId, sequence));
  });
}
