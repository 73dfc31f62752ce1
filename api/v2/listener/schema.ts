/** What a client may send for a listener (Octavia: api/v2/types/listener.py). */
import { listenerProtocols } from '../../../model/graph.ts';
import { alpnProtocols } from '../../../model/tls.ts';
import { envelope } from '../../http/envelope.ts';
import { boolean, cidr, integer, oneOf, text, uuid } from '../../wire/scalars.ts';
import { list, mandatory, map, object, optional, withDefault } from '../../wire/structures.ts';
import { InvalidValue, type Infer, type Type } from '../../wire/type.ts';
import { anyObject } from '../common.ts';
import { poolSingleCreate } from '../pool/schema.ts';

const name = text({ max: 255 });
/** 24 days, the longest that HAProxy takes, ms. */
const maxTimeout = 2_073_600_000;
const timeout = integer(0, maxTimeout);

const alpn: Type<string> = {
  schema: { enum: alpnProtocols },
  parse: (value) => {
    const known = alpnProtocols.find((protocol) => protocol === value);
    if (known === undefined) throw new InvalidValue('Value should be a valid ALPN protocol ID');
    return known;
  },
};

const clientAuthentication = oneOf('NONE', 'OPTIONAL', 'MANDATORY');

const listenerFields = {
  name: optional(name),
  description: optional(name),
  admin_state_up: withDefault(boolean, true),
  protocol: mandatory(oneOf(...listenerProtocols)),
  protocol_port: mandatory(integer(1, 65_535)),
  connection_limit: withDefault(integer(-1), -1),
  default_tls_container_ref: optional(name),
  sni_container_refs: optional(list(name)),
  default_pool_id: optional(uuid),
  default_pool: optional(poolSingleCreate),
  l7policies: optional(list(anyObject)),
  insert_headers: optional(map(name)),
  timeout_client_data: optional(timeout),
  timeout_member_connect: optional(timeout),
  timeout_member_data: optional(timeout),
  timeout_tcp_inspect: optional(timeout),
  tags: optional(list(name)),
  client_ca_tls_container_ref: optional(name),
  client_authentication: withDefault(clientAuthentication, 'NONE'),
  client_crl_container_ref: optional(name),
  allowed_cidrs: optional(list(cidr)),
  tls_ciphers: optional(text({ max: 2048 })),
  tls_versions: optional(list(text({ max: 32 }))),
  alpn_protocols: optional(list(alpn)),
  hsts_max_age: optional(integer(0)),
  hsts_include_subdomains: withDefault(boolean, false),
  hsts_preload: withDefault(boolean, false),
};

/** A listener that is created with its load balancer. */
export const listenerSingleCreate = object('listener_single_create', listenerFields);
export type ListenerSingleCreate = Infer<typeof listenerSingleCreate>;

const listenerPost = object('listener_post', {
  ...listenerFields,
  loadbalancer_id: mandatory(uuid),
  project_id: optional(text({ max: 36 })),
  tenant_id: optional(text({ max: 36 })),
});
export type ListenerPost = Infer<typeof listenerPost>;

const listenerPut = object('listener_put', {
  name: optional(name),
  description: optional(name),
  admin_state_up: optional(boolean),
  connection_limit: optional(integer(-1)),
  default_tls_container_ref: optional(name),
  sni_container_refs: optional(list(name)),
  default_pool_id: optional(uuid),
  insert_headers: optional(map(name)),
  timeout_client_data: optional(timeout),
  timeout_member_connect: optional(timeout),
  timeout_member_data: optional(timeout),
  timeout_tcp_inspect: optional(timeout),
  tags: optional(list(name)),
  client_ca_tls_container_ref: optional(name),
  client_authentication: optional(clientAuthentication),
  client_crl_container_ref: optional(name),
  allowed_cidrs: optional(list(cidr)),
  tls_ciphers: optional(text({ max: 2048 })),
  tls_versions: optional(list(text({ max: 32 }))),
  alpn_protocols: optional(list(alpn)),
  hsts_max_age: optional(integer(0)),
  hsts_include_subdomains: optional(boolean),
  hsts_preload: optional(boolean),
});
export type ListenerPut = Infer<typeof listenerPut>;

export const listenerCreation = envelope('listener_', 'listener', listenerPost);
export const listenerUpdate = envelope('listener_', 'listener', listenerPut);
