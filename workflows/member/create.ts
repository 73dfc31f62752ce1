import type { OperationInput } from '../../model/operation.ts';
import { changeMembers } from './change.ts';

/** Adds a member to its pool (Octavia: flows/member_flows.py, create). */
export function createMember(input: OperationInput): Promise<void> {
  return changeMembers(input, 'join', 'mark member active');
}
