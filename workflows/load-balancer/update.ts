import type { OperationInput } from '../../model/operation.ts';
import { changeListeners } from '../listener/change.ts';

/** Serves a load balancer's new attributes (Octavia: flows/load_balancer_flows.py, update). */
export function updateLoadBalancer(input: OperationInput): Promise<void> {
  return changeListeners(input, 'open', 'mark load balancer active');
}
