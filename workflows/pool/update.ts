import type { OperationInput } from '../../model/operation.ts';
import { edit } from '../edit.ts';

/** Serves a pool's new attributes (Octavia: flows/pool_flows.py, update). */
export function updatePool(input: OperationInput): Promise<void> {
  return edit(input, 'mark pool active');
}
