import { patched } from '@temporalio/workflow';
import type { AmphoraOutline } from '../../activities/operation.ts';
import type { OperationInput } from '../../model/operation.ts';
import { rolesOf, type AmphoraRole, type Topology } from '../../model/status.ts';
import { rejoin } from '../amphora/rejoin.ts';
import { replaceAmphora } from '../amphora/replace.ts';
import type { RetiredAmphora } from '../amphora/removal.ts';
import { abandonAmphora } from '../amphora/retire.ts';
import { flow } from '../flow.ts';
import type { Steps } from '../saga.ts';

/** A place of the topology and the amphora that has it, if any. */
interface Place {
  readonly role: AmphoraRole;
  readonly old: RetiredAmphora | null;
}

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
      old: amphorae.find((amphora) => amphora.role === role && !isHalfBuilt(amphora)) ?? null,
    }));
    const placed = new Set(places.map(({ old }) => old?.id));
    for (const { role, old } of await ordered(step, loadBalancerId, topology, places)) {
      // A turn that is taken anew, as its worker was lost, finds the replacement that it has made itself.
      placed.add(await replaceAmphora(step, input, role, old));
      await rejoin(step, loadBalancerId);
    }
    for (const extra of amphorae.filter(({ id }) => !placed.has(id))) await abandonAmphora(step, extra);
  });
}

/** Whether it never came up: no place is taken by it. */
const isHalfBuilt = ({ status }: AmphoraOutline): boolean => status === 'PENDING_CREATE' || status === 'BOOTING';

/**
 * Empty places first, since they cost nobody anything, then the amphora that does not hold the VIP (Octavia:
 * controller_worker.py, _get_amphorae_for_failover). Where that is not known, the BACKUP comes before the MASTER.
 */
async function ordered(
  step: Steps,
  loadBalancerId: string,
  topology: Topology,
  places: readonly Place[],
): Promise<readonly Place[]> {
  const backwards = places.toReversed();
  if (topology === 'SINGLE' || !patched('ask who holds the VIP')) return backwards;
  const idle = await step.amphoraFailover('find amphora without VIP', (a) => a.findAmphoraWithoutVip(loadBalancerId));
  const rank = ({ old }: Place): number => (old === null ? 0 : old.id === idle ? 1 : 2);
  return backwards.toSorted((one, other) => rank(one) - rank(other));
}
