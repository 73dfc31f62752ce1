/** A health monitor as a client reads it (Octavia: api/v2/types/health_monitor.py), its keys in the order of the wire. */
import type { HealthMonitorRow } from '../../../db/schema.ts';
import { references, time } from '../common.ts';

export function healthMonitorView(row: HealthMonitorRow): Record<string, unknown> {
  return {
    id: row.id,
    name: row.name,
    type: row.type,
    delay: row.delay,
    timeout: row.timeout,
    max_retries: row.max_retries,
    max_retries_down: row.max_retries_down,
    http_method: row.http_method,
    url_path: row.url_path,
    expected_codes: row.expected_codes,
    admin_state_up: row.admin_state_up,
    project_id: row.project_id,
    pools: references([row.pool_id]),
    provisioning_status: row.provisioning_status,
    operating_status: row.operating_status,
    created_at: time(row.created_at),
    updated_at: time(row.updated_at),
    tags: row.tags,
    http_version: row.http_version,
    domain_name: row.domain_name,
    tenant_id: row.project_id,
  };
}

/** The full form, inside of a load balancer that was just created. */
export function fullHealthMonitorView(row: HealthMonitorRow): Record<string, unknown> {
  const { pools: _parents, ...view } = healthMonitorView(row);
  return view;
}
