import type { OperationInput } from '../../model/operation.ts';
import { changeListeners } from './change.ts';

/** Closes a port on the VIP, then removes the row (Octavia: flows/listener_flows.py, delete). */
export function deleteListener(input: OperationInput): Promise<void> {
  return changeListeners(input, 'close', 'delete listener');
}
