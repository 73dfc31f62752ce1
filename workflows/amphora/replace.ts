import { uuid4 } from '@temporalio/workflow';
import type { OperationInput } from '../../model/operation.ts';
import { buildPriority } from '../../model/build-priority.ts';
import type { AmphoraRole } from '../../model/status.ts';
import { plugReplacement } from '../member/networks.ts';
import type { Steps } from '../saga.ts';
import { bootAmphora } from './boot.ts';
import { joinPair } from './join.ts';
import type { RetiredAmphora } from './removal.ts';
import { abandonAmphora } from './retire.ts';

/**
 * Puts a new amphora in the place of an old one. The new one is built and serves before the old one is taken away, so a
 * replacement that cannot be built costs nothing (Octavia: flows/load_balancer_flows.py, failover steps 2 to 10).
 * `old` is null where a place of the topology stands empty. Returns the id of the new one.
 */
export async function replaceAmphora(
  step: Steps,
  input: OperationInput,
  role: AmphoraRole,
  old: RetiredAmphora | null,
): Promise<string> {
  const { loadBalancerId, sequence } = input;
  const amphoraId = uuid4();
  if (old !== null)
    await step.database(
      'mark amphora for removal',
      (a) => a.markAmphoraPendingDelete(old.id, sequence),
      (a) => a.markAmphoraFailed(old.id),
    );
  await bootAmphora(step, { amphoraId, loadBalancerId, role, sequence, priority: buildPriority.failover });
  await plugReplacement(step, input, amphoraId);
  await step.amphoraFailover('push configuration to the new amphora', (a) => a.applyListenersTo(amphoraId));
  if (role !== 'STANDALONE') await joinPair(step, loadBalancerId, amphoraId, old?.id ?? null);
  step.keep();
  if (old !== null) await abandonAmphora(step, old);
  return amphoraId;
}
