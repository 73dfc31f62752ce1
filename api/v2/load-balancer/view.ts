/** A load balancer as a client reads it (Octavia: api/v2/types/load_balancer.py), its keys in the order of the wire. */
import type { LoadBalancerWithChildren } from '../../../db/load-balancer.ts';
import { references, time } from '../common.ts';

/** Octavia's `octavia` is what a load balancer without a provider shows. */
function head(row: LoadBalancerWithChildren): Record<string, unknown> {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    provisioning_status: row.provisioning_status,
    operating_status: row.operating_status,
    admin_state_up: row.admin_state_up,
    project_id: row.project_id,
    created_at: time(row.created_at),
    updated_at: time(row.updated_at),
    vip_address: row.vip_address,
    vip_port_id: row.vip_port_id,
    vip_subnet_id: row.vip_subnet_id,
    vip_network_id: row.vip_network_id,
    vip_sg_ids: row.vip_sg_ids,
    additional_vips: row.additional_vips,
  };
}

function tail(row: LoadBalancerWithChildren): Record<string, unknown> {
  return {
    provider: row.provider,
    flavor_id: row.flavor_id,
    vip_qos_policy_id: row.vip_qos_policy_id,
    tags: row.tags,
    availability_zone: row.availability_zone,
    vip_vnic_type: row.vip_vnic_type,
    tenant_id: row.project_id,
  };
}

export function loadBalancerView(row: LoadBalancerWithChildren): Record<string, unknown> {
  return { ...head(row), listeners: references(row.listener_ids), pools: references(row.pool_ids), ...tail(row) };
}

/** The full form, which only a POST answers: as it was accepted, with its children in full. */
export function acceptedLoadBalancerView(
  row: LoadBalancerWithChildren,
  children: { readonly listeners: readonly unknown[]; readonly pools: readonly unknown[] },
): Record<string, unknown> {
  const accepted = { provisioning_status: 'PENDING_CREATE', operating_status: 'OFFLINE', updated_at: null } as const;
  return { ...children, ...head({ ...row, ...accepted }), ...tail(row) };
}
