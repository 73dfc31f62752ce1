import type { OperationInput } from '../../model/operation.ts';
import { flow } from '../flow.ts';
import type { Steps } from '../saga.ts';
import { plugMemberNetworks } from './networks.ts';

/**
 * A change of the set of members. Networks that new members need are plugged before HAProxy is told of the members, those
 * that no member needs any more are unplugged after HAProxy let go of them. Most changes need neither: the request says
 * so with `plug`.
 */
export function changeMembers(input: OperationInput, change: 'join' | 'leave', done: string): Promise<void> {
  const plug = async (step: Steps) => {
    if (input.arguments['plug'] === true) await plugMemberNetworks(step, input);
  };
  return flow(input, done, async (step) => {
    if (change !== 'leave') await plug(step);
    await step.amphora('push configuration', (a) => a.applyListeners(input.loadBalancerId, input.sequence));
    if (change === 'leave') await plug(step);
  });
}
