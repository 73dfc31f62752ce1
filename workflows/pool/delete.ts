import type { OperationInput } from '../../model/operation.ts';
import { edit } from '../edit.ts';

/** Takes a pool, its members and its monitor out of the configuration, then removes the rows (Octavia: flows/pool_flows.py, delete). */
export function deletePool(input: OperationInput): Promise<void> {
  return edit(input, 'delete pool');
}
