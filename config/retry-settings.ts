/**
 * How long and how often a step is tried, for each kind of thing that it talks to. Where Octavia has the same option, the name,
 * the default and the unit are its own (Octavia: common/config.py); options that make no sense here stand in docs/differences.md.
 */
import { integer, type Setting, type Values } from './setting.ts';

/** A number of machines at once, of which -1 stands for any number. */
function limit(env: string, fallback: number, meaning: string): Setting<number> {
  const parse = (value: string): number => {
    const number = Number(value);
    if (!Number.isInteger(number) || number === 0 || number < -1)
      throw new Error('must be -1 for no limit, or a whole number of at least 1');
    return number;
  };
  return { env, default: fallback, meaning, parse };
}

export const retrySettingTable = {
  ampActiveRetries: integer(
    'WEIR_AMP_ACTIVE_RETRIES',
    30,
    'A booting amphora must run within this many times the wait that follows ([controller_worker] amp_active_retries). Weir looks more often.',
    1,
  ),
  ampActiveWaitSec: integer(
    'WEIR_AMP_ACTIVE_WAIT_SEC',
    10,
    'Seconds of one such wait ([controller_worker] amp_active_wait_sec).',
    1,
  ),
  connectionMaxRetries: integer(
    'WEIR_CONNECTION_MAX_RETRIES',
    120,
    'The agent of a new amphora must answer within this many times the interval that follows ([haproxy_amphora] connection_max_retries). Weir asks more often.',
    1,
  ),
  connectionRetryIntervalSec: integer(
    'WEIR_CONNECTION_RETRY_INTERVAL',
    5,
    'Seconds of one such interval ([haproxy_amphora] connection_retry_interval).',
    1,
  ),
  activeConnectionMaxRetries: integer(
    'WEIR_ACTIVE_CONNECTION_MAX_RETRIES',
    15,
    'Times that a failover tries to configure an amphora, or to reach one that served ([haproxy_amphora] active_connection_max_retries).',
    1,
  ),
  activeConnectionRetryIntervalSec: integer(
    'WEIR_ACTIVE_CONNECTION_RETRY_INTERVAL',
    2,
    'Seconds between two of them ([haproxy_amphora] active_connection_retry_interval).',
    1,
  ),
  failoverConnectionMaxRetries: integer(
    'WEIR_FAILOVER_CONNECTION_MAX_RETRIES',
    2,
    'Times that each amphora of a pair is asked whether it holds the VIP, to choose which is failed over first ([haproxy_amphora] failover_connection_max_retries).',
    1,
  ),
  failoverConnectionRetryIntervalSec: integer(
    'WEIR_FAILOVER_CONNECTION_RETRY_INTERVAL',
    5,
    'Seconds between two of them ([haproxy_amphora] failover_connection_retry_interval).',
    1,
  ),
  restRequestConnTimeoutSec: integer(
    'WEIR_REST_REQUEST_CONN_TIMEOUT',
    10,
    'Seconds to wait for a connection to an agent ([haproxy_amphora] rest_request_conn_timeout).',
    1,
  ),
  restRequestReadTimeoutSec: integer(
    'WEIR_REST_REQUEST_READ_TIMEOUT',
    60,
    'Seconds to wait for the answer of an agent ([haproxy_amphora] rest_request_read_timeout).',
    1,
  ),
  amphoraMaxRetries: integer(
    'WEIR_AMPHORA_MAX_RETRIES',
    15,
    'Times that a change tries to configure an amphora before it fails. Octavia tries connection_max_retries times, and the load balancer is PENDING all the while.',
    1,
  ),
  amphoraRetryIntervalMs: integer(
    'WEIR_AMPHORA_RETRY_INTERVAL_MS',
    500,
    'Milliseconds between the first two of them; then twice as long each time.',
    1,
  ),
  amphoraRetryMaxMs: integer('WEIR_AMPHORA_RETRY_MAX_MS', 2_000, 'Milliseconds between two of them at most.', 1),

  buildRateLimit: limit(
    'WEIR_BUILD_RATE_LIMIT',
    -1,
    'Machines that boot at the same time at most, over all workers and hosts ([haproxy_amphora] build_rate_limit); -1 for no limit. Must agree on every worker and host.',
  ),
  buildActiveRetries: integer(
    'WEIR_BUILD_ACTIVE_RETRIES',
    120,
    'A machine waits for its turn to boot for this many times the interval that follows, then its flow fails ([haproxy_amphora] build_active_retries).',
    1,
  ),
  buildRetryIntervalSec: integer(
    'WEIR_BUILD_RETRY_INTERVAL',
    5,
    'Seconds of one such interval ([haproxy_amphora] build_retry_interval). Weir looks each second.',
    1,
  ),

  computeMaxRetries: integer(
    'WEIR_COMPUTE_MAX_RETRIES',
    15,
    'Times that a step tries a call to the compute driver ([compute] max_retries).',
    1,
  ),
  computeRetryIntervalSec: integer(
    'WEIR_COMPUTE_RETRY_INTERVAL',
    1,
    'Seconds between two of them at least ([compute] retry_interval).',
    1,
  ),
  computeRetryBackoffSec: integer(
    'WEIR_COMPUTE_RETRY_BACKOFF',
    1,
    'Seconds between the first two of them; then twice as long each time ([compute] retry_backoff).',
    1,
  ),
  computeRetryMaxSec: integer(
    'WEIR_COMPUTE_RETRY_MAX',
    10,
    'Seconds between two of them at most ([compute] retry_max).',
    1,
  ),
  networkingMaxRetries: integer(
    'WEIR_NETWORKING_MAX_RETRIES',
    15,
    'Times that a step tries a call to a network driver ([networking] max_retries). Also how often a step on our own database is tried after an error other than that the database is away.',
    1,
  ),
  networkingRetryIntervalSec: integer(
    'WEIR_NETWORKING_RETRY_INTERVAL',
    1,
    'Seconds between two of them at least ([networking] retry_interval).',
    1,
  ),
  networkingRetryBackoffSec: integer(
    'WEIR_NETWORKING_RETRY_BACKOFF',
    1,
    'Seconds between the first two of them; then twice as long each time ([networking] retry_backoff).',
    1,
  ),
  networkingRetryMaxSec: integer(
    'WEIR_NETWORKING_RETRY_MAX',
    10,
    'Seconds between two of them at most ([networking] retry_max).',
    1,
  ),

  databaseRetryIntervalMs: integer(
    'WEIR_DATABASE_RETRY_INTERVAL_MS',
    100,
    'Milliseconds between the first two tries of a step on our own database; then twice as long each time, for as long as the database is away.',
    1,
  ),
  databaseRetryMaxMs: integer('WEIR_DATABASE_RETRY_MAX_MS', 2_000, 'Milliseconds between two of them at most.', 1),
  undoLimitSec: integer(
    'WEIR_UNDO_LIMIT',
    30,
    'Seconds that a failed flow waits for one undo. What takes longer goes to a clean-up flow, which tries without end.',
    1,
  ),
  workerLostAfterMs: integer(
    'WEIR_WORKER_LOST_AFTER_MS',
    10_000,
    'Milliseconds of silence after which the worker of a step counts as dead, and the step goes to another. Clean-ups do not follow it: there it is always 10 s.',
    500,
  ),
} as const satisfies Record<string, Setting<number>>;

export type RetrySettingValues = Values<typeof retrySettingTable>;
