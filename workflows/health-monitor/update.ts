import type { OperationInput } from '../../model/operation.ts';
import { edit } from '../edit.ts';

/** Serves a monitor's new attributes (Octavia: flows/health_monitor_flows.py, update). */
export function updateHealthMonitor(input: OperationInput): Promise<void> {
  return edit(input, 'mark health monitor active');
}
