import { patched } from '@temporalio/workflow';
import type { OperationInput } from '../../model/operation.ts';
import { changeMembers } from '../member/change.ts';

/** Takes a pool, its members and its monitor out of the configuration, then removes the rows (Octavia: flows/pool_flows.py, delete). */
export function deletePool(input: OperationInput): Promise<void> {
  const plug = input.arguments['plug'] === true && patched('unplug what the members of a pool had');
  return changeMembers({ ...input, arguments: { ...input.arguments, plug } }, 'leave', 'delete pool');
}
