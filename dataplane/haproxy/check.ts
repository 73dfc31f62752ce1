/** Health monitors of a backend (Octavia: macros.j2, backend_macro and member_macro). */
import type { HealthMonitor, MonitorType, Pool } from '../../model/graph.ts';
import { hostName, httpMethod, integer, statusCodes, urlPath } from '../grammar.ts';
import { isLive } from '../live.ts';
import type { Check, HaproxyVersion, HttpCheck } from './model.ts';
import { inLogFormat, line } from './text.ts';
import { knowsServerState } from './version.ts';

const kinds: Partial<Record<MonitorType, Check['kind']>> = {
  HTTP: 'http',
  HTTPS: 'https',
  TCP: 'tcp',
  'TLS-HELLO': 'tls-hello',
  PING: 'ping',
};
const maxThreshold = 2 ** 31 - 1;
const maxSeconds = 2_147_483;

function httpCheckOf(monitor: HealthMonitor): HttpCheck {
  const field = (name: string): string => `health monitor ${monitor.id} ${name}`;
  const { domainName, httpVersion } = monitor;
  return {
    method: httpMethod(field('http_method'), monitor.httpMethod ?? 'GET'),
    path: urlPath(field('url_path'), monitor.urlPath ?? '/'),
    version: httpVersion === null ? null : httpVersion.toFixed(1),
    host: domainName === null || httpVersion !== 1.1 ? null : hostName(field('domain_name'), domainName),
    expectedCodes: statusCodes(field('expected_codes'), monitor.expectedCodes ?? '200'),
  };
}

/** The check of a pool's members, or null when nothing watches them. */
export function checkOf({ healthMonitor: monitor }: Pool): Check | null {
  if (monitor === null || !isLive(monitor)) return null;
  const kind = kinds[monitor.type];
  if (kind === undefined) return null;
  const limited = (name: string, value: number, max: number): number =>
    integer(`health monitor ${monitor.id} ${name}`, value, 1, max);
  return {
    kind,
    interval: limited('delay', monitor.delay, maxSeconds),
    timeout: limited('timeout', monitor.timeout, maxSeconds),
    rise: limited('max_retries', monitor.maxRetries, maxThreshold),
    fall: limited('max_retries_down', monitor.maxRetriesDown, maxThreshold),
    http: kind === 'http' || kind === 'https' ? httpCheckOf(monitor) : null,
  };
}

function renderHttpCheck({ method, path, version, host, expectedCodes }: HttpCheck): readonly string[] {
  const lines = [line('option', 'httpchk', method, path, ...(version === null ? [] : [`HTTP/${version}`]))];
  if (host !== null) lines.push(line('http-check', 'send', 'hdr', 'Host', inLogFormat(host)));
  lines.push(line('http-check', 'expect', 'rstatus', expectedCodes.join('|')));
  return lines;
}

/** The lines of the backend; those of each server come from `checkOptions`. */
export function renderCheck(check: Check, version: HaproxyVersion, pingCommand: string): readonly string[] {
  const lines = knowsServerState(version) ? [line('load-server-state-from-file', 'global')] : [];
  lines.push(line('timeout', 'check', `${check.timeout}s`));
  if (check.http !== null) lines.push(...renderHttpCheck(check.http));
  if (check.kind === 'tls-hello') lines.push(line('option', 'ssl-hello-chk'));
  if (check.kind === 'ping')
    lines.push(line('option', 'external-check'), line('external-check', 'command', pingCommand));
  return lines;
}

/** The words that a server line says about its check. */
export function checkOptions(check: Check): readonly (string | number)[] {
  const tls = check.kind === 'https' ? ['check-ssl', 'verify', 'none'] : [];
  return ['check', ...tls, 'inter', `${check.interval}s`, 'fall', check.fall, 'rise', check.rise];
}
