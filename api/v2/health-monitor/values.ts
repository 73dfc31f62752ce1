/** From what a client sends to what a health monitor is. */
import type { HealthMonitorRow } from '../../../db/schema.ts';
import { invalidOption } from '../../../model/errors.ts';
import { checkDelay, checkDomainName, checkHttpOptions, speaksHttp } from '../../../model/health-monitor-rules.ts';
import { given, resetTo, tagsOf } from '../common.ts';
import type { HealthMonitorPut, MonitorSingleCreate } from './schema.ts';

/** The values of a new monitor. Throws the 400 of the first rule that they break. */
export function newHealthMonitor(body: MonitorSingleCreate) {
  const http = speaksHttp(body.type);
  const httpVersion = body.http_version ?? null;
  const domainName = body.domain_name ?? null;
  checkHttpOptions(body.type, body);
  checkDomainName(domainName, httpVersion);
  checkDelay(body.type, body.delay);
  return {
    name: body.name ?? '',
    type: body.type,
    delay: body.delay,
    timeout: body.timeout,
    max_retries: body.max_retries,
    max_retries_down: body.max_retries_down ?? 3,
    http_method: http ? (body.http_method ?? 'GET') : null,
    url_path: http ? (body.url_path ?? '/') : null,
    expected_codes: http ? (body.expected_codes ?? '200') : null,
    admin_state_up: body.admin_state_up ?? false,
    tags: tagsOf(body.tags),
    http_version: httpVersion,
    domain_name: domainName,
  };
}

/** What an update changes; null resets to the default of the field, but for those that must have a value. */
export function healthMonitorChanges(before: HealthMonitorRow, body: HealthMonitorPut) {
  for (const name of ['delay', 'timeout', 'max_retries'] as const) {
    if (body[name] === null) throw invalidOption('None', name);
  }
  checkHttpOptions(before.type, body);
  const httpVersion = body.http_version === undefined ? before.http_version : body.http_version;
  checkDomainName(body.domain_name ?? null, httpVersion);
  checkDelay(before.type, body.delay ?? before.delay);
  return given({
    name: resetTo(body.name, ''),
    delay: body.delay ?? undefined,
    timeout: body.timeout ?? undefined,
    max_retries: body.max_retries ?? undefined,
    max_retries_down: resetTo(body.max_retries_down, 3),
    http_method: resetTo<string>(body.http_method, 'GET'),
    url_path: resetTo(body.url_path, '/'),
    expected_codes: resetTo(body.expected_codes, '200'),
    admin_state_up: resetTo(body.admin_state_up, false),
    tags: body.tags === undefined ? undefined : tagsOf(body.tags),
    http_version: body.http_version,
    domain_name: body.domain_name,
  });
}
