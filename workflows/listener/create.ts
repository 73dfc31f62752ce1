import type { OperationInput } from '../../model/operation.ts';
import { changeListeners } from './change.ts';

/** Opens a port on the VIP (Octavia: flows/listener_flows.py, create). */
export function createListener(input: OperationInput): Promise<void> {
  return changeListeners(input, 'open', 'mark listener active');
}
