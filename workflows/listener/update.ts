import type { OperationInput } from '../../model/operation.ts';
import { changeListeners } from './change.ts';

/** Serves a listener's new attributes; its allowed CIDRs are rules of the VIP's security group (Octavia: flows/listener_flows.py, update). */
export function updateListener(input: OperationInput): Promise<void> {
  return changeListeners(input, 'open', 'mark listener active');
}
