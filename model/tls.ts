/** Rules and defaults of TLS options (Octavia: common/validate.py, common/constants.py CIPHERS_OWASP_SUITE_B). */
import { validationFailure } from './errors.ts';

export const defaultCiphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'DHE-RSA-AES128-GCM-SHA256',
  'DHE-RSA-AES256-GCM-SHA384',
  'DHE-RSA-CHACHA20-POLY1305',
].join(':');

export const defaultTlsVersions: readonly string[] = ['TLSv1.2', 'TLSv1.3'];
export const defaultAlpnProtocols: readonly string[] = ['h2', 'http/1.1', 'http/1.0'];
export const alpnProtocols = ['http/1.0', 'http/1.1', 'h2'] as const;
const tlsVersions = new Set(['SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']);

export interface TlsOptions {
  readonly tls_ciphers?: string | null | undefined;
  readonly tls_versions?: readonly string[] | null | undefined;
  readonly alpn_protocols?: readonly string[] | null | undefined;
}

/** Throws the 400 of the first option that cannot be. */
export function checkTlsOptions({ tls_ciphers, tls_versions, alpn_protocols }: TlsOptions): void {
  if (tls_ciphers && !/^[\w:+!@=.-]+$/.test(tls_ciphers)) {
    throw validationFailure(
      'Invalid characters in cipher string. Only alphanumeric, -, +, !, :, @, =, _, and . are allowed.',
    );
  }
  if (tls_versions) checkTlsVersions(tls_versions);
  if (alpn_protocols?.length === 0) {
    throw validationFailure(
      'Empty ALPN protocol list. Either specify at least one ALPN protocol or remove this parameter to use the default.',
    );
  }
}

function checkTlsVersions(versions: readonly string[]): void {
  if (versions.length === 0) {
    throw validationFailure(
      'Empty TLS version list. Either specify at least one TLS version or remove this parameter to use the default.',
    );
  }
  const unknown = versions.filter((version) => !tlsVersions.has(version));
  if (unknown.length > 0) throw validationFailure(`Invalid TLS versions: ${unknown.join(', ')}`);
}
