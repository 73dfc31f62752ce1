import type { Db } from '../db/database.ts';
import { failedMembersOf } from '../db/failed-member.ts';
import { loadGraph } from '../db/graph.ts';
import { memberPortsOf } from '../db/lifecycle/member-port.ts';
import type { NetworkReader } from '../drivers/network/contract.ts';
import { servingAmphorae } from '../model/graph.ts';

/** Members in ERROR that an amphora which serves has no leg to, once an operation has failed it over: they stay in ERROR. */
export async function unpluggedMembers(
  db: Db,
  network: NetworkReader,
  operationId: string,
): Promise<readonly string[]> {
  const failed = await failedMembersOf(db, operationId);
  const [first] = failed;
  const graph = first === undefined ? null : await loadGraph(db, first.loadBalancerId);
  if (graph === null) return [];
  const ports = await Promise.all(servingAmphorae(graph).map(({ id }) => memberPortsOf(db, id)));
  const isPlugged = (subnetId: string): boolean =>
    ports.every((own) => own.some(({ pluggedSubnetIds }) => pluggedSubnetIds.includes(subnetId)));
  const suspects = failed.filter(({ subnetId }) => !isPlugged(subnetId));
  const vipNetworks = new Set(graph.vips.map(({ networkId }) => networkId));
  // Nobody waits for a cloud to end an operation.
  const known = await Promise.all(suspects.map(({ subnetId }) => network.subnet(subnetId).catch(() => null)));
  return suspects.filter((_, at) => !vipNetworks.has(known[at]?.networkId ?? '')).map(({ id }) => id);
}
