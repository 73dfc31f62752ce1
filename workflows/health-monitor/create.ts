import type { OperationInput } from '../../model/operation.ts';
import { edit } from '../edit.ts';

/** Starts checking the members of a pool (Octavia: flows/health_monitor_flows.py, create). */
export function createHealthMonitor(input: OperationInput): Promise<void> {
  return edit(input, 'mark health monitor active');
}
