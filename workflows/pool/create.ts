import type { OperationInput } from '../../model/operation.ts';
import { edit } from '../edit.ts';

/** Adds a pool to the configuration (Octavia: flows/pool_flows.py, create). */
export function createPool(input: OperationInput): Promise<void> {
  return edit(input, 'mark pool active');
}
