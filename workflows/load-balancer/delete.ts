import type { OperationInput } from '../../model/operation.ts';
import { removalOf } from '../amphora/removal.ts';
import { retireUnlessDown } from '../amphora/retire.ts';
import { detach } from '../clean-up/detach.ts';
import { flow } from '../flow.ts';
import { all, type Call } from '../saga.ts';

/**
 * Ends a load balancer and all that it has (Octavia: flows/load_balancer_flows.py, delete and cascade delete). Amphorae on hosts that
 * are down go to a clean-up flow, and the VIP after them: as long as one of them may run, nobody else may have its address.
 */
export function deleteLoadBalancer(input: OperationInput): Promise<void> {
  const { loadBalancerId, sequence } = input;
  return flow(input, 'mark load balancer deleted', async (step) => {
    const { amphorae } = await step.database('read load balancer', (a) => a.describeLoadBalancer(loadBalancerId));
    const removals = await all(amphorae, async (amphora) => {
      await step.database('mark amphora for removal', (a) => a.markAmphoraPendingDelete(amphora.id, sequence));
      return { amphora, down: await retireUnlessDown(step, amphora) };
    });
    const left = removals.filter(({ down }) => down !== null);
    if (left.length === 0) return step.network('release VIP', (a) => a.releaseVip(loadBalancerId, sequence));
    const calls: readonly Call[] = [
      ...left.flatMap(({ amphora }) => removalOf(amphora)),
      { name: 'release VIP', activity: 'releaseVip', args: [loadBalancerId, sequence] },
    ];
    const hosts = left.map(({ amphora }) => amphora.taskQueue).join(', ');
    await detach(calls, `${hosts} took no step: the host is down`, left[0]?.down);
  });
}
