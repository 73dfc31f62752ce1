/** A pool as a client reads it (Octavia: api/v2/types/pool.py), its keys in the order of the wire. */
import type { PoolWithRelations } from '../../../db/pool.ts';
import { references, time } from '../common.ts';

/** `healthmonitor_id` is there only for a pool with a monitor, and stands where upstream has it. */
function relations(row: PoolWithRelations): Record<string, unknown> {
  return {
    loadbalancers: references([row.load_balancer_id]),
    listeners: references(row.listener_ids),
    created_at: time(row.created_at),
    updated_at: time(row.updated_at),
    ...(row.health_monitor_id === null ? {} : { healthmonitor_id: row.health_monitor_id }),
    members: references(row.member_ids),
  };
}

export function poolView(row: PoolWithRelations): Record<string, unknown> {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    provisioning_status: row.provisioning_status,
    operating_status: row.operating_status,
    admin_state_up: row.admin_state_up,
    protocol: row.protocol,
    lb_algorithm: row.lb_algorithm,
    session_persistence: persistenceView(row),
    project_id: row.project_id,
    ...relations(row),
    tags: row.tags,
    tls_container_ref: row.tls_container_ref,
    ca_tls_container_ref: row.ca_tls_container_ref,
    crl_container_ref: row.crl_container_ref,
    tls_enabled: row.tls_enabled,
    tls_ciphers: row.tls_ciphers,
    tls_versions: row.tls_versions,
    alpn_protocols: row.alpn_protocols,
    tenant_id: row.project_id,
  };
}

/** All four keys in upstream's order: jsonb keeps an order of its own. */
function persistenceView({ session_persistence: persistence }: PoolWithRelations): Record<string, unknown> | null {
  if (persistence === null) return null;
  const { type, cookie_name, persistence_timeout, persistence_granularity } = persistence;
  return { type, cookie_name, persistence_timeout, persistence_granularity };
}

/** The full form, inside of a load balancer that was just created. */
export function fullPoolView(
  row: PoolWithRelations,
  members: readonly unknown[],
  healthmonitor: unknown,
): Record<string, unknown> {
  const { loadbalancers: _parents, healthmonitor_id: _monitor, members: _members, ...view } = poolView(row);
  return { members, healthmonitor, ...view };
}
