/**
 * A load balancer that serves, made step by step with the same activities that the flow of a creation calls, but without a
 * workflow: hundreds of proofs begin with one. Each proof of a deletion shows that what was made so can be taken away by the flow.
 */
import { randomUUID } from 'node:crypto';
import { updateAmphora } from '../../../db/lifecycle/amphora.ts';
import { utcNow } from '../../../db/operation.ts';
import { rolesOf, type AmphoraRole, type Topology } from '../../../model/status.ts';
import type { Cloud } from './cloud.ts';
import { requestLoadBalancer } from './operations.ts';
import { addListener, addMember, addMonitor, addPool } from './rows.ts';

export interface Serving {
  readonly loadBalancerId: string;
  readonly listenerId: string;
  readonly poolId: string;
  readonly memberId: string;
  /** Where the member lives. */
  readonly memberSubnet: string;
  readonly monitorId: string;
}

/** A listener with a pool, a member on a network of its own, a monitor. */
export async function serving(cloud: Cloud, topology: Topology): Promise<Serving> {
  const { activities } = cloud;
  const request = await requestServing(cloud, topology);
  const { loadBalancerId, operationId } = request;
  await activities.allocateVip(loadBalancerId, operationId);
  const amphorae = rolesOf(topology).map((role) => ({ id: randomUUID(), role }));
  for (const { id, role } of amphorae) await addAmphora(cloud, id, loadBalancerId, role);
  if (topology === 'ACTIVE_STANDBY') for (const { id } of amphorae) await activities.applyVrrp(id);
  for (const { amphoraId, networkId, subnetIds } of await activities.planMemberNetworks(loadBalancerId)) {
    await activities.createMemberPort(amphoraId, networkId, subnetIds);
    await activities.attachMemberPort(amphoraId, networkId);
    await activities.plugMemberNetwork(amphoraId, networkId);
  }
  await activities.applyListeners(loadBalancerId, request.sequence);
  await activities.completeOperation(operationId, []);
  for (const { id } of amphorae) await hear(cloud, id, request.listenerId);
  return request;
}

/** What the first heartbeat of an amphora leaves. */
async function hear(cloud: Cloud, amphoraId: string, listenerId: string): Promise<void> {
  const { db } = cloud.database;
  await db.insertInto('amphora_health').values({ amphora_id: amphoraId, last_update: utcNow }).execute();
  await db
    .insertInto('listener_statistics')
    .values({
      listener_id: listenerId,
      amphora_id: amphoraId,
      bytes_in: 1,
      bytes_out: 1,
      active_connections: 1,
      total_connections: 1,
      request_errors: 0,
    })
    .execute();
}

/** One of two amphorae, of which the BACKUP is on a compute host of that name. Returns the load balancer's id. */
export async function servingOn(cloud: Cloud, host: string): Promise<string> {
  const { loadBalancerId } = await serving(cloud, 'ACTIVE_STANDBY');
  await cloud.database.db
    .updateTable('amphora')
    .set({ compute_host: host })
    .where('load_balancer_id', '=', loadBalancerId)
    .where('role', '=', 'BACKUP')
    .execute();
  return loadBalancerId;
}

/** The rows and the operation of a creation with children. */
export async function requestServing(
  cloud: Cloud,
  topology: Topology,
): Promise<Serving & { readonly operationId: string; readonly sequence: number }> {
  const { db } = cloud.database;
  const operation = await requestLoadBalancer(db, await cloud.newSubnet(), topology);
  const { load_balancer_id: loadBalancerId, id: operationId, sequence } = operation;
  const memberSubnet = await cloud.newSubnet();
  return db.transaction().execute(async (tx) => {
    const poolId = await addPool(tx, loadBalancerId, 'PENDING_CREATE');
    return {
      loadBalancerId,
      operationId,
      sequence,
      poolId,
      memberSubnet,
      listenerId: await addListener(tx, loadBalancerId, 'PENDING_CREATE', 80, poolId),
      memberId: await addMember(tx, poolId, 'PENDING_CREATE', memberSubnet),
      monitorId: await addMonitor(tx, poolId, 'PENDING_CREATE'),
    };
  });
}

/** An amphora of a load balancer, made as the steps of a boot make it; the simulated world boots at once. */
export async function addAmphora(cloud: Cloud, id: string, loadBalancerId: string, role: AmphoraRole): Promise<void> {
  const { activities, database, world } = cloud;
  await activities.registerAmphora(id, loadBalancerId, role);
  await activities.createVrrpPort(id);
  const computeId = world.machine(id, loadBalancerId);
  const { managementAddress } = await world.compute.state(computeId);
  await updateAmphora(database.db, id, {
    compute_id: computeId,
    lb_network_ip: managementAddress,
    status: 'ALLOCATED',
  });
  await activities.plugVip(id);
}
