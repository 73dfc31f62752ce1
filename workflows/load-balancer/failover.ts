import type { OperationInput } from '../../model/operation.ts';
import { rolesOf } from '../../model/status.ts';
import { rejoin } from '../amphora/rejoin.ts';
import { replaceAmphora } from '../amphora/replace.ts';
import { abandonAmphora } from '../amphora/retire.ts';
import { flow } from '../flow.ts';

/**
 * Replaces all amphorae, one after the other, the one that does not hold the VIP first, so that the VIP moves once.
 * Places of the topology that stand empty are filled, amphorae beyond it are removed (Octavia: flows/load_balancer_flows.py, failover).
 */
export function failoverLoadBalancer(input: OperationInput): Promise<void> {
  const { loadBalancerId } = input;
  return flow(input, 'mark load balancer active', async (step) => {
    const { topology, amphorae } = await step.database('read load balancer', (a) =>
      a.describeLoadBalancer(loadBalancerId),
    );
    await step.network('ensure VIP', (a) => a.restoreVip(loadBalancerId));
    const places = rolesOf(topology).map((role) => ({
      role,
      old: amphorae.find((amphora) => amphora.role === role) ?? null,
    }));
    for (const { role, old } of places.toReversed()) {
      await replaceAmphora(step, input, role, old);
      await rejoin(step, loadBalancerId);
    }
    const placed = new Set(places.map(({ old }) => old?.id));
    for (const extra of amphorae.filter(({ id }) => !placed.has(id))) await abandonAmphora(step, extra);
  });
}
