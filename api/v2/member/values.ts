/** From what a client sends to what a member is. */
import ipaddr from 'ipaddr.js';
import type { PoolWithRelations } from '../../../db/pool.ts';
import type { NetworkReader } from '../../../drivers/network/contract.ts';
import { ApiError, invalidOption } from '../../../model/errors.ts';
import { tagsOf } from '../common.ts';
import { existingSubnet } from '../load-balancer/vip.ts';
import type { MemberSingleCreate } from './schema.ts';

/** Octavia: [networking] reserved_ips; the metadata service must not be reachable through a load balancer. */
const reservedAddresses = new Set(['169.254.169.254']);

/** Throws the 400 of the first member that cannot be. A subnet is asked for once. */
export async function checkMembers(network: NetworkReader, members: readonly MemberSingleCreate[]): Promise<void> {
  for (const { address, request_sriov } of members) {
    if (reservedAddresses.has(ipaddr.process(address).toString())) throw invalidOption(address, 'member address');
    if (request_sriov === true) {
      throw new ApiError(400, 'The load balancer flavor does not allow SR-IOV member ports.');
    }
  }
  const subnets = new Set(members.map((member) => member.subnet_id).filter((id) => id !== null && id !== undefined));
  for (const id of subnets) await existingSubnet(network, id);
}

/** The row of a new member of `pool`. */
export function newMember(
  pool: Pick<PoolWithRelations, 'id' | 'project_id' | 'health_monitor_id'>,
  body: MemberSingleCreate,
) {
  return {
    pool_id: pool.id,
    project_id: pool.project_id,
    name: body.name ?? '',
    admin_state_up: body.admin_state_up ?? false,
    address: body.address,
    protocol_port: body.protocol_port,
    weight: body.weight ?? 1,
    backup: body.backup ?? false,
    subnet_id: body.subnet_id ?? null,
    monitor_address: body.monitor_address ?? null,
    monitor_port: body.monitor_port ?? null,
    tags: tagsOf(body.tags),
    provisioning_status: 'PENDING_CREATE',
    operating_status: pool.health_monitor_id === null ? 'NO_MONITOR' : 'OFFLINE',
  } as const;
}
