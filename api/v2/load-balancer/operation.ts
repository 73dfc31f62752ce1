import type { Tx } from '../../../db/database.ts';
import type { LoadBalancerRow, OperationRow } from '../../../db/schema.ts';
import { open } from '../../http/change.ts';
import type { AnyCall } from '../../http/route.ts';

type Kind = 'createLoadBalancer' | 'updateLoadBalancer' | 'deleteLoadBalancer' | 'failoverLoadBalancer';

/** Writes the operation of a change of the load balancer itself; the flow gets `flags` besides. */
export function openOnItself(
  tx: Tx,
  call: AnyCall,
  kind: Kind,
  { id, name, project_id: projectId }: LoadBalancerRow,
  flags: Readonly<Record<string, boolean>> = {},
): Promise<OperationRow> {
  return open(tx, call, {
    kind,
    loadBalancerId: id,
    resourceType: 'load_balancer',
    resourceId: id,
    resourceName: name,
    projectId,
    arguments: flags,
  });
}
