import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  defineUpdate,
  setHandler,
  uuid4,
} from '@temporalio/workflow';
import { buildPriority } from '../../model/build-priority.ts';
import type { OperationInput } from '../../model/operation.ts';
import { rolesOf } from '../../model/status.ts';
import { bootAmphora } from '../amphora/boot.ts';
import { formPair } from '../amphora/pair.ts';
import { abandonAmphora } from '../amphora/retire.ts';
import { flow } from '../flow.ts';
import { plugMemberNetworks } from '../member/networks.ts';
import { reasonOf, rootTypeOf } from '../failure.ts';
import { all, type Steps } from '../saga.ts';

/** Answers when the VIP is allocated; fails, with the driver's error type, once a flow that could not have it is unwound. */
export const vipAllocated = defineUpdate<void>('vipAllocated');

/** Builds a load balancer and puts it in service (Octavia: flows/load_balancer_flows.py, create). */
export async function createLoadBalancer(input: OperationInput): Promise<void> {
  const { loadBalancerId, operationId } = input;
  let vip: { allocated: true } | { allocated: false; failure: ApplicationFailure } | undefined;
  setHandler(vipAllocated, async () => {
    await condition(() => vip !== undefined);
    if (vip?.allocated === false) throw vip.failure;
  });
  try {
    await flow(input, 'mark load balancer active', async (step) => {
      await step.network(
        'allocate VIP',
        (a) => a.allocateVip(loadBalancerId, operationId),
        (a) => a.releaseVip(loadBalancerId, input.sequence),
      );
      vip = { allocated: true };
      await build(step, input);
    });
  } catch (cause) {
    vip ??= { allocated: false, failure: ApplicationFailure.nonRetryable(reasonOf(cause), rootTypeOf(cause)) };
    throw cause;
  } finally {
    // A cancelled flow answers too, and one that succeeded stays a success.
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  }
}

async function build(step: Steps, input: OperationInput): Promise<void> {
  const { loadBalancerId, sequence } = input;
  const { topology, hasListeners, hasMembers, ...found } = await step.database('read load balancer', (a) =>
    a.describeLoadBalancer(loadBalancerId),
  );
  const amphorae = rolesOf(topology).map((role) => ({
    amphoraId: uuid4(),
    loadBalancerId,
    role,
    sequence,
    priority: buildPriority.create,
  }));
  // A run made them that Temporal has lost. A turn that is taken anew, as its worker was lost, finds what it has made itself.
  const lost = found.amphorae.filter(({ id }) => !amphorae.some(({ amphoraId }) => amphoraId === id));
  for (const one of lost) await abandonAmphora(step, one);
  await all(amphorae, (amphora) => bootAmphora(step, amphora));
  if (topology === 'ACTIVE_STANDBY')
    await formPair(
      step,
      amphorae.map(({ amphoraId }) => amphoraId),
    );
  if (hasListeners || hasMembers === true) await plugMemberNetworks(step, input);
  // Without a listener there is nothing to run.
  if (hasListeners) await step.amphora('push configuration', (a) => a.applyListeners(loadBalancerId, sequence));
}
