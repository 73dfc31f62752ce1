/** What a health monitor may be (Octavia: api/v2/controllers/health_monitor.py). */
import { invalidOption, validationFailure } from './errors.ts';
import type { MonitorType, PoolProtocol } from './graph.ts';
import { isDatagram } from './protocols.ts';

/** Octavia: [api_settings] udp_connect_min_interval_health_monitor, seconds. */
const minUdpConnectDelay = 3;

const datagramTypes: readonly MonitorType[] = ['UDP-CONNECT', 'SCTP', 'TCP', 'HTTP'];
const onlyDatagramTypes = new Set<MonitorType>(['UDP-CONNECT', 'SCTP']);

export interface HttpOptions {
  readonly http_method?: unknown;
  readonly url_path?: unknown;
  readonly expected_codes?: unknown;
}

/** Whether a monitor of this type speaks HTTP, and so has a method, a path and codes. */
export function speaksHttp(type: MonitorType): boolean {
  return type === 'HTTP' || type === 'HTTPS';
}

/** Throws the 400 of HTTP options that were given to a monitor of another type; in an update null counts as given. */
export function checkHttpOptions(type: MonitorType, options: HttpOptions): void {
  if (speaksHttp(type)) return;
  const names = ['http_method', 'url_path', 'expected_codes'] as const;
  const given = names.find((name) => options[name] !== undefined);
  if (given !== undefined) throw invalidOption(given, `health monitors of type ${type}`);
}

/** Throws the 400 of a type that does not go with the pool. */
export function checkTypeForPool(type: MonitorType, pool: PoolProtocol): void {
  if (isDatagram(pool)) {
    if (datagramTypes.includes(type)) return;
    throw validationFailure(
      `The associated pool protocol is ${pool}, so only a ${datagramTypes.join('/')} health monitor is supported.`,
    );
  }
  if (onlyDatagramTypes.has(type)) {
    throw validationFailure(`The ${type} type is only supported for pools of type UDP/SCTP.`);
  }
}

export function checkDelay(type: MonitorType, delay: number): void {
  if (type !== 'UDP-CONNECT' || delay >= minUdpConnectDelay) return;
  throw validationFailure(
    `The request delay value ${delay} should be larger than ${minUdpConnectDelay} for UDP-CONNECT health monitor type.`,
  );
}

/** A domain name needs HTTP 1.1, whose Host header it is. */
export function checkDomainName(domainName: string | null, httpVersion: number | null): void {
  if (domainName === null) return;
  if (httpVersion === null) {
    throw validationFailure("'http_version' must be specified when 'domain_name' is provided.");
  }
  if (httpVersion < 1.1) {
    throw invalidOption(`http_version ${httpVersion.toFixed(1)}`, 'health monitors HTTP 1.1 domain name health check');
  }
}
