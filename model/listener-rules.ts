/** What a listener may be (Octavia: api/v2/controllers/listener.py), in the order in which Octavia finds fault. */
import { ApiError, invalidOption, validationFailure } from './errors.ts';
import type { ListenerProtocol } from './graph.ts';
import { isDatagram } from './protocols.ts';
import { checkTlsOptions, type TlsOptions } from './tls.ts';

const httpHeaders = new Set(['X-Forwarded-For', 'X-Forwarded-Port', 'X-Forwarded-Proto']);
const sslHeaders = new Set([
  'X-SSL-Client-Verify',
  'X-SSL-Client-Has-Cert',
  'X-SSL-Client-DN',
  'X-SSL-Client-CN',
  'X-SSL-Issuer',
  'X-SSL-Client-SHA1',
  'X-SSL-Client-Not-Before',
  'X-SSL-Client-Not-After',
]);

/** A listener with the values that it would have. */
export interface ListenerRequest extends TlsOptions {
  readonly protocol: ListenerProtocol;
  readonly insert_headers: Readonly<Record<string, string>>;
  readonly default_tls_container_ref: string | null;
  readonly sni_container_refs: readonly string[];
  readonly client_ca_tls_container_ref: string | null;
  readonly client_authentication: string;
  readonly client_crl_container_ref: string | null;
  readonly hsts_max_age: number | null;
  readonly hsts_include_subdomains: boolean;
  readonly hsts_preload: boolean;
}

const listText = (items: readonly string[]): string => `[${items.map((item) => `'${item}'`).join(', ')}]`;

/** Throws the ApiError of the first rule that is broken. */
export function checkListener(listener: ListenerRequest, change: 'create' | 'update'): void {
  checkInsertHeaders(listener, change);
  checkTlsReferences(listener);
  checkTlsOptions(listener);
  checkHsts(listener, change);
}

function checkInsertHeaders({ protocol, insert_headers }: ListenerRequest, change: 'create' | 'update'): void {
  const names = Object.keys(insert_headers);
  if (names.length === 0) return;
  if (protocol !== 'HTTP' && protocol !== 'TERMINATED_HTTPS') {
    throw invalidOption('insert-headers', `a ${protocol} protocol listener.`);
  }
  if (names.some((name) => !httpHeaders.has(name) && !sslHeaders.has(name))) {
    const text = change === 'create' ? `dict_keys(${listText(names)})` : listText(names);
    throw invalidOption(text, 'insert_headers');
  }
  const ssl = names.filter((name) => sslHeaders.has(name));
  if (protocol !== 'TERMINATED_HTTPS' && ssl.length > 0) {
    throw invalidOption(listText(ssl), `${protocol} protocol listener.`);
  }
}

function checkTlsReferences(listener: ListenerRequest): void {
  const { protocol, client_authentication, client_ca_tls_container_ref, client_crl_container_ref } = listener;
  const certificate = listener.default_tls_container_ref !== null || listener.sni_container_refs.length > 0;
  const anyReference = certificate || client_ca_tls_container_ref !== null || client_crl_container_ref !== null;
  if (anyReference && isDatagram(protocol))
    throw validationFailure(`${protocol} protocol listener does not support TLS.`);
  const offers = protocol === 'TERMINATED_HTTPS' || protocol === 'PROMETHEUS';
  if (anyReference && !offers) {
    throw validationFailure(`Certificate container references are not allowed on ${protocol} protocol listeners.`);
  }
  if (client_ca_tls_container_ref !== null && !certificate) {
    throw validationFailure(
      'An SNI or default certificate container reference must be provided with a client CA container reference.',
    );
  }
  if (!certificate && (protocol === 'TERMINATED_HTTPS' || anyReference)) {
    throw validationFailure(
      `An SNI or default certificate container reference must be provided for ${protocol} protocol listeners.`,
    );
  }
  if (client_authentication !== 'NONE' && client_ca_tls_container_ref === null) {
    throw validationFailure(
      `Client authentication setting ${client_authentication} requires a client CA container reference.`,
    );
  }
  if (client_crl_container_ref !== null && client_ca_tls_container_ref === null) {
    throw validationFailure(
      'A client authentication CA reference is required to specify a client authentication revocation list.',
    );
  }
}

function checkHsts(listener: ListenerRequest, change: 'create' | 'update'): void {
  const { protocol, hsts_max_age, hsts_include_subdomains, hsts_preload } = listener;
  if ((hsts_include_subdomains || hsts_preload) && hsts_max_age === null) {
    throw validationFailure(
      change === 'create'
        ? 'HSTS configuration options hsts_include_subdomains and hsts_preload only make sense if hsts_max_age is set as well.'
        : 'Cannot enable hsts_include_subdomains or hsts_preload if hsts_max_age was not set as well.',
    );
  }
  if (hsts_max_age !== null && protocol !== 'TERMINATED_HTTPS') {
    throw validationFailure('The HSTS feature can only be used for listeners using the TERMINATED_HTTPS protocol.');
  }
}

/** Each CIDR must be of the version of at least one VIP, and none goes with security groups of the user's own. */
export function checkAllowedCidrs(
  cidrs: readonly string[],
  vips: readonly string[],
  securityGroups: readonly string[],
): void {
  if (cidrs.length === 0) return;
  if (securityGroups.length > 0) {
    throw validationFailure('Allowed CIDRs are not allowed when using custom VIP Security Groups.');
  }
  const versionOf = (address: string): 4 | 6 => (address.includes(':') ? 6 : 4);
  const versions = new Set(vips.map(versionOf));
  const stranger = cidrs.find((cidr) => !versions.has(versionOf(cidr)));
  if (stranger === undefined) return;
  throw validationFailure(`CIDR ${stranger} IP version incompatible with all VIPs ${listText(vips)} IP version.`);
}

/** What the amphorae of this deployment cannot serve is refused like an option that a provider lacks. */
export function checkServed(protocol: ListenerProtocol, served: readonly ListenerProtocol[]): void {
  if (served.includes(protocol)) return;
  throw new ApiError(
    501,
    `Provider 'amphora' does not support a requested option: ${protocol} listeners are not supported yet.`,
  );
}
