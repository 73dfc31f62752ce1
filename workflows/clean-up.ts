import type { Call } from './saga.ts';
import { invoke } from './saga.ts';
import * as policies from './policies.ts';
import { setCurrentDetails } from '@temporalio/workflow';

/** Keeps trying what a flow could not take back in its time, in order, until all of it is done. */
export async function cleanUp(input: { readonly calls: readonly Call[]; readonly reason: string }): Promise<void> {
  for (const call of input.calls) {
    setCurrentDetails(`cleaning up: **${call.name}**\n\nbecause: ${input.reason}`);
    await invoke(call, policies.cleanUp);
  }
  setCurrentDetails('**clean**');
}
