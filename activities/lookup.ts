/** Rows that a step cannot do without. */
import type { Db } from '../db/database.ts';
import { loadGraph } from '../db/graph.ts';
import { findAmphora } from '../db/lifecycle/amphora.ts';
import type { NetworkReader } from '../drivers/network/contract.ts';
import type { VipSubnet } from '../drivers/amphora/contract.ts';
import type { Amphora, LoadBalancerGraph } from '../model/graph.ts';
import { gone } from './failure.ts';

/** Throws a final failure when the load balancer is not there. */
export async function requireGraph(db: Db, loadBalancerId: string): Promise<LoadBalancerGraph> {
  const graph = await loadGraph(db, loadBalancerId);
  if (graph === null) throw gone('LoadBalancerGone', `load balancer ${loadBalancerId} does not exist`);
  return graph;
}

/** An amphora and the load balancer that it serves. Throws a final failure when either is not there. */
export async function requireAmphora(
  db: Db,
  amphoraId: string,
): Promise<{ amphora: Amphora; graph: LoadBalancerGraph }> {
  const row = await db.selectFrom('amphora').select('load_balancer_id').where('id', '=', amphoraId).executeTakeFirst();
  const amphora = await findAmphora(db, amphoraId);
  if (amphora === null || row?.load_balancer_id == null)
    throw gone('AmphoraGone', `amphora ${amphoraId} does not exist or serves no load balancer`);
  return { amphora, graph: await requireGraph(db, row.load_balancer_id) };
}

/** The VIPs of a load balancer with their subnets, the primary one first. */
export function vipSubnets(network: NetworkReader, graph: LoadBalancerGraph): Promise<VipSubnet[]> {
  return Promise.all(
    graph.vips.map(async ({ address, subnetId }) => {
      const subnet = await network.subnet(subnetId);
      if (subnet === null) throw gone('SubnetGone', `subnet ${subnetId} of VIP ${address} does not exist`);
      return { address, subnet };
    }),
  );
}
