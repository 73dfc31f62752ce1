import type { Steps } from '../saga.ts';
import { carryOut, compare, type Subject } from './networks.ts';

/** Plugs what members need that join, and leaves alone what those have that leave: HAProxy still has them. */
export async function plugJoiningMembers(step: Steps, input: Subject): Promise<void> {
  await carryOut(step, input, await step.database(compare, (a) => a.planJoiningMembers(input.loadBalancerId)));
}
