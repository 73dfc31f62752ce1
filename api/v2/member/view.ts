/** A member as a client reads it (Octavia: api/v2/types/member.py), its keys in the order of the wire. */
import type { MemberRow } from '../../../db/schema.ts';
import { time } from '../common.ts';

export function memberView(row: MemberRow): Record<string, unknown> {
  return {
    id: row.id,
    name: row.name,
    operating_status: row.operating_status,
    provisioning_status: row.provisioning_status,
    admin_state_up: row.admin_state_up,
    address: row.address,
    protocol_port: row.protocol_port,
    weight: row.weight,
    backup: row.backup,
    subnet_id: row.subnet_id,
    project_id: row.project_id,
    created_at: time(row.created_at),
    updated_at: time(row.updated_at),
    monitor_address: row.monitor_address,
    monitor_port: row.monitor_port,
    tags: row.tags,
    vnic_type: row.vnic_type,
    tenant_id: row.project_id,
  };
}
