/** From what a client sends to what a listener is. */
import type { Settings } from '../../../config/settings.ts';
import type { ListenerRow } from '../../../db/schema.ts';
import type { ListenerRequest } from '../../../model/listener-rules.ts';
import { defaultAlpnProtocols, defaultCiphers, defaultTlsVersions } from '../../../model/tls.ts';
import { given, resetTo, tagsOf } from '../common.ts';
import type { ListenerPut, ListenerSingleCreate } from './schema.ts';

const arrayOrNull = (items: readonly string[] | null | undefined): string[] | null =>
  items && items.length > 0 ? [...items] : null;

/** TLS options have defaults only where the listener itself ends TLS. */
function tlsOf(body: ListenerSingleCreate) {
  const ends = body.protocol === 'TERMINATED_HTTPS';
  return {
    tls_ciphers: body.tls_ciphers ?? (ends ? defaultCiphers : null),
    tls_versions: body.tls_versions ?? (ends ? [...defaultTlsVersions] : null),
    alpn_protocols: body.alpn_protocols ?? (ends ? [...defaultAlpnProtocols] : null),
  };
}

function timeoutsOf(body: ListenerSingleCreate, settings: Settings) {
  return {
    timeout_client_data: body.timeout_client_data ?? settings.timeoutClientData,
    timeout_member_connect: body.timeout_member_connect ?? settings.timeoutMemberConnect,
    timeout_member_data: body.timeout_member_data ?? settings.timeoutMemberData,
    timeout_tcp_inspect: body.timeout_tcp_inspect ?? settings.timeoutTcpInspect,
  };
}

/** The values of a new listener. */
export function newListener(body: ListenerSingleCreate, settings: Settings) {
  return {
    name: body.name ?? '',
    description: body.description ?? '',
    admin_state_up: body.admin_state_up ?? false,
    protocol: body.protocol,
    protocol_port: body.protocol_port,
    connection_limit: body.connection_limit ?? -1,
    default_pool_id: body.default_pool_id ?? null,
    insert_headers: body.insert_headers ?? {},
    ...timeoutsOf(body, settings),
    ...tlsOf(body),
    tags: tagsOf(body.tags),
    allowed_cidrs: arrayOrNull(body.allowed_cidrs),
    default_tls_container_ref: body.default_tls_container_ref ?? null,
    sni_container_refs: [...(body.sni_container_refs ?? [])],
    client_ca_tls_container_ref: body.client_ca_tls_container_ref ?? null,
    client_authentication: body.client_authentication ?? 'NONE',
    client_crl_container_ref: body.client_crl_container_ref ?? null,
    hsts_max_age: body.hsts_max_age ?? null,
    hsts_include_subdomains: body.hsts_include_subdomains ?? false,
    hsts_preload: body.hsts_preload ?? false,
  };
}

/** What an update changes; null resets to the default of the field. */
export function listenerChanges(body: ListenerPut, settings: Settings) {
  return given({
    name: resetTo(body.name, ''),
    description: resetTo(body.description, ''),
    admin_state_up: resetTo(body.admin_state_up, false),
    connection_limit: resetTo(body.connection_limit, -1),
    default_pool_id: body.default_pool_id,
    insert_headers: resetTo(body.insert_headers, {}),
    timeout_client_data: resetTo(body.timeout_client_data, settings.timeoutClientData),
    timeout_member_connect: resetTo(body.timeout_member_connect, settings.timeoutMemberConnect),
    timeout_member_data: resetTo(body.timeout_member_data, settings.timeoutMemberData),
    timeout_tcp_inspect: resetTo(body.timeout_tcp_inspect, settings.timeoutTcpInspect),
    tags: body.tags === undefined ? undefined : tagsOf(body.tags),
    allowed_cidrs: body.allowed_cidrs === undefined ? undefined : arrayOrNull(body.allowed_cidrs),
    default_tls_container_ref: body.default_tls_container_ref,
    sni_container_refs: resetTo(body.sni_container_refs, []),
    client_ca_tls_container_ref: body.client_ca_tls_container_ref,
    client_authentication: resetTo(body.client_authentication, 'NONE'),
    client_crl_container_ref: body.client_crl_container_ref,
    tls_ciphers: resetTo(body.tls_ciphers, defaultCiphers),
    tls_versions: resetTo(body.tls_versions, [...defaultTlsVersions]),
    alpn_protocols: resetTo(body.alpn_protocols, [...defaultAlpnProtocols]),
    hsts_max_age: body.hsts_max_age,
    hsts_include_subdomains: resetTo(body.hsts_include_subdomains, false),
    hsts_preload: resetTo(body.hsts_preload, false),
  });
}

/** The listener that an update would make. TLS options are checked only where the request names them. */
export function afterUpdate(row: ListenerRow, changes: ReturnType<typeof listenerChanges>): ListenerRequest {
  const { tls_ciphers, tls_versions, alpn_protocols } = changes;
  return { ...row, ...changes, tls_ciphers, tls_versions, alpn_protocols };
}
