import type { OperationInput } from '../../model/operation.ts';
import { changeMembers } from './change.ts';

/** Adds, changes and removes members of a pool in one push (Octavia: flows/member_flows.py, batch update). */
export function batchUpdateMembers(input: OperationInput): Promise<void> {
  return changeMembers(input, 'both', 'settle members');
}
