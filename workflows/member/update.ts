import type { OperationInput } from '../../model/operation.ts';
import { edit } from '../edit.ts';

/** Serves a member's new attributes (Octavia: flows/member_flows.py, update). */
export function updateMember(input: OperationInput): Promise<void> {
  return edit(input, 'mark member active');
}
