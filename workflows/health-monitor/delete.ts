import type { OperationInput } from '../../model/operation.ts';
import { edit } from '../edit.ts';

/** Stops checking the members of a pool, then removes the row (Octavia: flows/health_monitor_flows.py, delete). */
export function deleteHealthMonitor(input: OperationInput): Promise<void> {
  return edit(input, 'delete health monitor');
}
