import { patched } from '@temporalio/workflow';
import type { OperationInput } from '../../model/operation.ts';
import { flow } from '../flow.ts';
import { plugJoiningMembers } from './joining.ts';
import { plugMemberNetworks } from './networks.ts';

/**
 * A change of the set of members. Networks that new members need are plugged before HAProxy is told of the members, those
 * that no member needs any more are unplugged after HAProxy let go of them. Most changes need neither: the request says
 * so with `plug`.
 */
export function changeMembers(input: OperationInput, change: 'join' | 'leave' | 'both', done: string): Promise<void> {
  return flow(input, done, async (step) => {
    const plugs = input.arguments['plug'] === true;
    const unplugsLast = change === 'leave' || (change === 'both' && plugs && patched('unplug after the push'));
    if (plugs && change !== 'leave') await (unplugsLast ? plugJoiningMembers : plugMemberNetworks)(step, input);
    await step.amphora('push configuration', (a) => a.applyListeners(input.loadBalancerId, input.sequence));
    if (plugs && unplugsLast) await plugMemberNetworks(step, input);
  });
}
