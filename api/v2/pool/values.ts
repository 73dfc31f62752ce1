/** From what a client sends to what a pool is. */
import type { StoredSessionPersistence } from '../../../db/schema.ts';
import { unsupportedOption, validationFailure } from '../../../model/errors.ts';
import type { Algorithm, PoolProtocol } from '../../../model/graph.ts';
import { checkSessionPersistence } from '../../../model/session-persistence.ts';
import { checkTlsOptions, defaultAlpnProtocols, defaultCiphers, defaultTlsVersions } from '../../../model/tls.ts';
import { given, resetTo, tagsOf } from '../common.ts';
import type { PersistencePut, PoolPut, PoolSingleCreate } from './schema.ts';

/** A pool with all that it must have. */
export type PoolDefinition = PoolSingleCreate & { readonly protocol: PoolProtocol; readonly lb_algorithm: Algorithm };

/** HAProxy spreads by addresses, not by ports; upstream's amphora provider refuses this one too. */
export function checkAlgorithm(algorithm: Algorithm | null | undefined, provider: string): void {
  if (algorithm !== 'SOURCE_IP_PORT') return;
  throw unsupportedOption(provider, 'The amphora provider does not support SOURCE_IP_PORT algorithm.');
}

/** What is stored of session persistence. Throws the 400 of the first rule that it breaks. */
export function newPersistence(
  protocol: PoolProtocol,
  body: PersistencePut | null | undefined,
): StoredSessionPersistence | null {
  return body ? persistenceOf(protocol, body, null, 'create') : null;
}

/** What an update makes of session persistence: a missing type is the stored one. */
export function changedPersistence(
  protocol: PoolProtocol,
  body: PersistencePut | null | undefined,
  stored: StoredSessionPersistence | null,
): StoredSessionPersistence | null | undefined {
  return body ? persistenceOf(protocol, body, stored, 'update') : body;
}

function persistenceOf(
  protocol: PoolProtocol,
  body: PersistencePut,
  stored: StoredSessionPersistence | null,
  change: 'create' | 'update',
): StoredSessionPersistence {
  const type = body.type ?? stored?.type;
  if (type === undefined) throw validationFailure('Invalid session_persistence provided.');
  const persistence = {
    type,
    cookie_name: body.cookie_name ?? null,
    persistence_timeout: body.persistence_timeout ?? null,
    persistence_granularity: body.persistence_granularity ?? null,
  };
  checkSessionPersistence(protocol, persistence, change);
  return persistence;
}

/** TLS options have defaults only where members are spoken to over TLS. */
function tlsOf(body: PoolDefinition) {
  const enabled = body.tls_enabled ?? false;
  return {
    tls_enabled: enabled,
    tls_container_ref: body.tls_container_ref ?? null,
    ca_tls_container_ref: body.ca_tls_container_ref ?? null,
    crl_container_ref: body.crl_container_ref ?? null,
    tls_ciphers: body.tls_ciphers ?? (enabled ? defaultCiphers : null),
    tls_versions: body.tls_versions ?? (enabled ? [...defaultTlsVersions] : null),
    alpn_protocols: body.alpn_protocols ?? (enabled ? [...defaultAlpnProtocols] : null),
  };
}

/** The values of a new pool. Throws the 400 of the first rule that they break. */
export function newPool(body: PoolDefinition) {
  const tls = tlsOf(body);
  if (tls.crl_container_ref !== null && tls.ca_tls_container_ref === null) {
    throw validationFailure('A CA certificate reference is required to specify a revocation list.');
  }
  checkTlsOptions(body);
  return {
    name: body.name ?? '',
    description: body.description ?? '',
    admin_state_up: body.admin_state_up ?? false,
    protocol: body.protocol,
    lb_algorithm: body.lb_algorithm,
    tags: tagsOf(body.tags),
    ...tls,
  };
}

/** What an update changes; null resets to the default of the field, but for those that must have a value. */
export function poolChanges(body: PoolPut) {
  if (body.lb_algorithm === null) throw validationFailure('None is not a valid option for lb_algorithm');
  checkTlsOptions(body);
  return given({
    name: resetTo(body.name, ''),
    description: resetTo(body.description, ''),
    admin_state_up: resetTo(body.admin_state_up, false),
    lb_algorithm: body.lb_algorithm,
    tags: body.tags === undefined ? undefined : tagsOf(body.tags),
    tls_enabled: resetTo(body.tls_enabled, false),
    tls_container_ref: body.tls_container_ref,
    ca_tls_container_ref: body.ca_tls_container_ref,
    crl_container_ref: body.crl_container_ref,
    tls_ciphers: resetTo(body.tls_ciphers, defaultCiphers),
    tls_versions: resetTo(body.tls_versions, [...defaultTlsVersions]),
    alpn_protocols: body.alpn_protocols,
  });
}
