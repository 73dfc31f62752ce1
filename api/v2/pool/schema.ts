/** What a client may send for a pool (Octavia: api/v2/types/pool.py). */
import { algorithms, persistenceTypes, poolProtocols } from '../../../model/graph.ts';
import { alpnProtocols } from '../../../model/tls.ts';
import { envelope } from '../../http/envelope.ts';
import { boolean, integer, ipAddress, oneOf, text, uuid } from '../../wire/scalars.ts';
import { list, mandatory, object, optional, withDefault } from '../../wire/structures.ts';
import type { Infer } from '../../wire/type.ts';
import { monitorSingleCreate } from '../health-monitor/schema.ts';
import { memberSingleCreate } from '../member/schema.ts';

const name = text({ max: 255 });

const persistence = {
  cookie_name: optional(text({ max: 255, pattern: /^[^\s,;\\]+$/ })),
  persistence_timeout: optional(integer()),
  /** A netmask for IPv4, an address in form. */
  persistence_granularity: optional(ipAddress),
};
const persistencePost = object('session_persistence_post', {
  type: mandatory(oneOf(...persistenceTypes)),
  ...persistence,
});
const persistencePut = object('session_persistence_put', {
  type: optional(oneOf(...persistenceTypes)),
  ...persistence,
});
export type PersistencePut = Infer<typeof persistencePut>;

const tls = {
  tags: optional(list(name)),
  tls_container_ref: optional(name),
  ca_tls_container_ref: optional(name),
  crl_container_ref: optional(name),
};
const tlsLists = {
  tls_ciphers: optional(text({ max: 2048 })),
  tls_versions: optional(list(text({ max: 32 }))),
  alpn_protocols: optional(list(oneOf(...alpnProtocols))),
};

const children = {
  healthmonitor: optional(monitorSingleCreate),
  members: optional(list(memberSingleCreate)),
};

/** A pool that is created with its load balancer, or only its name where it is meant. */
export const poolSingleCreate = object('pool_single_create', {
  name: optional(name),
  description: optional(name),
  admin_state_up: withDefault(boolean, true),
  protocol: optional(oneOf(...poolProtocols)),
  lb_algorithm: optional(oneOf(...algorithms)),
  session_persistence: optional(persistencePost),
  ...children,
  ...tls,
  tls_enabled: withDefault(boolean, false),
  ...tlsLists,
});
export type PoolSingleCreate = Infer<typeof poolSingleCreate>;

const poolPost = object('pool_post', {
  name: optional(name),
  description: optional(name),
  admin_state_up: withDefault(boolean, true),
  listener_id: optional(uuid),
  loadbalancer_id: optional(uuid),
  protocol: mandatory(oneOf(...poolProtocols)),
  lb_algorithm: mandatory(oneOf(...algorithms)),
  session_persistence: optional(persistencePost),
  project_id: optional(text({ max: 36 })),
  ...children,
  ...tls,
  tls_enabled: withDefault(boolean, false),
  ...tlsLists,
  tenant_id: optional(text({ max: 36 })),
});
export type PoolPost = Infer<typeof poolPost>;

const poolPut = object('pool_put', {
  name: optional(name),
  description: optional(name),
  admin_state_up: optional(boolean),
  lb_algorithm: optional(oneOf(...algorithms)),
  session_persistence: optional(persistencePut),
  ...tls,
  tls_enabled: optional(boolean),
  ...tlsLists,
});
export type PoolPut = Infer<typeof poolPut>;

export const poolCreation = envelope('pool_', 'pool', poolPost);
export const poolUpdate = envelope('pool_', 'pool', poolPut);
