/** What a client may send for a health monitor (Octavia: api/v2/types/health_monitor.py). */
import { monitorTypes } from '../../../model/graph.ts';
import { envelope } from '../../http/envelope.ts';
import { boolean, integer, oneOf, text, urlPath, uuid } from '../../wire/scalars.ts';
import { list, mandatory, object, optional, withDefault } from '../../wire/structures.ts';
import type { Infer } from '../../wire/type.ts';

const name = text({ max: 255 });
const retries = integer(1, 10);
const seconds = integer(0);

const http = {
  http_method: optional(oneOf('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'TRACE', 'OPTIONS', 'PATCH', 'CONNECT')),
  url_path: optional(urlPath),
  expected_codes: optional(text({ pattern: /^(\d{3}(\s*,\s*\d{3})*)$|^(\d{3}-\d{3})$/ })),
};

/** Octavia: common/constants.py DOMAIN_NAME_REGEX. */
const domainName = text({
  min: 1,
  max: 255,
  pattern: /^(?=^.{1,253}$)(([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.?)+)$/,
});
const versions = {
  http_version: optional(oneOf(1, 1.1)),
  domain_name: optional(domainName),
};

const monitorFields = {
  name: optional(name),
  type: mandatory(oneOf(...monitorTypes)),
  delay: mandatory(seconds),
  timeout: mandatory(seconds),
  max_retries_down: withDefault(retries, 3),
  max_retries: mandatory(retries),
  ...http,
  admin_state_up: withDefault(boolean, true),
  tags: optional(list(name)),
  ...versions,
};

/** The monitor of a pool that is created with its load balancer. */
export const monitorSingleCreate = object('healthmonitor_single_create', monitorFields);
export type MonitorSingleCreate = Infer<typeof monitorSingleCreate>;

const healthMonitorPost = object('healthmonitor_post', {
  ...monitorFields,
  pool_id: mandatory(uuid),
  project_id: optional(text({ max: 36 })),
  tenant_id: optional(text({ max: 36 })),
});
export type HealthMonitorPost = Infer<typeof healthMonitorPost>;

const healthMonitorPut = object('healthmonitor_put', {
  name: optional(name),
  delay: optional(seconds),
  timeout: optional(seconds),
  max_retries_down: optional(retries),
  max_retries: optional(retries),
  ...http,
  admin_state_up: optional(boolean),
  tags: optional(list(name)),
  ...versions,
});
export type HealthMonitorPut = Infer<typeof healthMonitorPut>;

export const healthMonitorCreation = envelope('health_monitor_', 'healthmonitor', healthMonitorPost);
export const healthMonitorUpdate = envelope('health_monitor_', 'healthmonitor', healthMonitorPut);
