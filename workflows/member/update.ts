import type { OperationInput } from '../../model/operation.ts';
import { changeMembers } from './change.ts';

/** Serves a member's new attributes (Octavia: flows/member_flows.py, update). One that was in ERROR may still need its network. */
export function updateMember(input: OperationInput): Promise<void> {
  return changeMembers(input, 'join', 'mark member active');
}
