import type { OperationInput } from '../../model/operation.ts';
import { flow } from '../flow.ts';

/**
 * A change of the set of ports that the VIP serves. A new port's way through the VIP's security group is opened before
 * HAProxy binds it; a removed one is closed after HAProxy let go of it.
 */
export function changeListeners(input: OperationInput, change: 'open' | 'close', done: string): Promise<void> {
  return flow(input, done, async (step) => {
    const secure = () => step.network('update VIP security group', (a) => a.secureVip(input.loadBalancerId));
    if (change === 'open') await secure();
    await step.amphora('push configuration', (a) => a.applyListeners(input.loadBalancerId, input.sequence));
    if (change === 'close') await secure();
  });
}
