import type { OperationInput } from '../model/operation.ts';
import { flow } from './flow.ts';

/** A change of the configuration and nothing else: push it to the amphorae, then write the statuses. */
export function edit(input: OperationInput, done: string): Promise<void> {
  return flow(input, done, async (step) => {
    await step.amphora('push configuration', (a) => a.applyListeners(input.loadBalancerId, input.sequence));
  });
}
