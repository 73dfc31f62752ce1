import type { OperationInput } from '../../model/operation.ts';
import { changeMembers } from './change.ts';

/** Takes a member out of its pool, then removes the row (Octavia: flows/member_flows.py, delete). */
export function deleteMember(input: OperationInput): Promise<void> {
  return changeMembers(input, 'leave', 'delete member');
}
