/** A listener as a client reads it (Octavia: api/v2/types/listener.py), its keys in the order of the wire. */
import type { ListenerRow } from '../../../db/schema.ts';
import { references, time } from '../common.ts';

export function listenerView(row: ListenerRow): Record<string, unknown> {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    provisioning_status: row.provisioning_status,
    operating_status: row.operating_status,
    admin_state_up: row.admin_state_up,
    protocol: row.protocol,
    protocol_port: row.protocol_port,
    connection_limit: row.connection_limit,
    default_tls_container_ref: row.default_tls_container_ref,
    sni_container_refs: row.sni_container_refs,
    project_id: row.project_id,
    default_pool_id: row.default_pool_id,
    l7policies: [],
    insert_headers: row.insert_headers,
    created_at: time(row.created_at),
    updated_at: time(row.updated_at),
    loadbalancers: references([row.load_balancer_id]),
    timeout_client_data: row.timeout_client_data,
    timeout_member_connect: row.timeout_member_connect,
    timeout_member_data: row.timeout_member_data,
    timeout_tcp_inspect: row.timeout_tcp_inspect,
    tags: row.tags,
    client_ca_tls_container_ref: row.client_ca_tls_container_ref,
    client_authentication: row.client_authentication,
    client_crl_container_ref: row.client_crl_container_ref,
    allowed_cidrs: row.allowed_cidrs,
    tls_ciphers: row.tls_ciphers,
    tls_versions: row.tls_versions,
    alpn_protocols: row.alpn_protocols,
    hsts_max_age: row.hsts_max_age,
    hsts_include_subdomains: row.hsts_include_subdomains,
    hsts_preload: row.hsts_preload,
    tenant_id: row.project_id,
  };
}

/** The full form, inside of a load balancer that was just created. */
export function fullListenerView(row: ListenerRow): Record<string, unknown> {
  const { loadbalancers: _parents, l7policies, ...view } = listenerView(row);
  return { l7policies, ...view };
}
