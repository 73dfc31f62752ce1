import type { RetryClass, RetrySettings } from '../model/retries.ts';
import type { RetrySettingValues } from './retry-settings.ts';
import type { Settings } from './settings.ts';

/** The settings that say how steps are tried. */
export type RetrySource = RetrySettingValues & Pick<Settings, 'hostDownSec'>;

/** ms that a call to a cloud's API, or to a compute host, may take. */
const callLimitMs = 60_000;
/** ms that rendering, and what else is ours in a step, may take beside the calls. */
const ownTimeMs = 20_000;

/** ms that a machine may take to boot (Octavia: ComputeWait in ComputeRetry). */
export const bootLimitMs = (s: Pick<Settings, 'ampActiveRetries' | 'ampActiveWaitSec'>): number =>
  s.ampActiveRetries * s.ampActiveWaitSec * 1000;

/** ms that the agent of a new amphora may take to answer (Octavia: AmphoraComputeConnectivityWait in AmpRetry). */
export const connectionLimitMs = (s: Pick<Settings, 'connectionMaxRetries' | 'connectionRetryIntervalSec'>): number =>
  s.connectionMaxRetries * s.connectionRetryIntervalSec * 1000;

/** ms that a machine waits for its turn to boot (Octavia: amphora_rate_limit.py, wait_for_build_slot). */
export const buildQueueLimitMs = (s: Pick<Settings, 'buildActiveRetries' | 'buildRetryIntervalSec'>): number =>
  s.buildActiveRetries * s.buildRetryIntervalSec * 1000;

/** The retry classes that the settings ask for. */
export function retriesOf(s: RetrySource): RetrySettings {
  const agentCallMs = (s.restRequestConnTimeoutSec + s.restRequestReadTimeoutSec) * 1000 + ownTimeMs;
  const compute = cloudCall(
    s.computeMaxRetries,
    s.computeRetryIntervalSec,
    s.computeRetryBackoffSec,
    s.computeRetryMaxSec,
  );
  const amphora = amphoraCall(s, agentCallMs);
  const undoLimitMs = s.undoLimitSec * 1000;
  return {
    database: {
      ...endless,
      intervalMs: s.databaseRetryIntervalMs,
      backoff: 2,
      maxIntervalMs: Math.max(s.databaseRetryIntervalMs, s.databaseRetryMaxMs),
      tryLimitMs: 10_000,
    },
    networking: cloudCall(
      s.networkingMaxRetries,
      s.networkingRetryIntervalSec,
      s.networkingRetryBackoffSec,
      s.networkingRetryMaxSec,
    ),
    compute,
    boot: { ...compute, tryLimitMs: bootLimitMs(s) + buildQueueLimitMs(s) + callLimitMs },
    agentWait: { ...amphora, tryLimitMs: connectionLimitMs(s) + agentCallMs },
    amphora,
    amphoraFailover: failoverCall(s, agentCallMs),
    undo: {
      attempts: null,
      intervalMs: 500,
      backoff: 2,
      maxIntervalMs: 5_000,
      tryLimitMs: undoLimitMs,
      totalLimitMs: undoLimitMs,
    },
    hostQueueLimitMs: s.hostDownSec * 1000,
    workerLostAfterMs: s.workerLostAfterMs,
  };
}

const endless = { attempts: null, totalLimitMs: null } as const;

/** Octavia: compute_tasks.py, network_tasks.py: tenacity's wait_exponential(multiplier=backoff, min=interval, max). */
function cloudCall(attempts: number, intervalSec: number, backoffSec: number, maxSec: number): RetryClass {
  const intervalMs = Math.max(intervalSec, backoffSec) * 1000;
  const maxIntervalMs = Math.max(intervalMs, maxSec * 1000);
  return { attempts, intervalMs, backoff: 2, maxIntervalMs, tryLimitMs: callLimitMs, totalLimitMs: null };
}

function amphoraCall(s: RetrySource, tryLimitMs: number): RetryClass {
  const { amphoraMaxRetries: attempts, amphoraRetryIntervalMs: intervalMs } = s;
  const maxIntervalMs = Math.max(intervalMs, s.amphoraRetryMaxMs);
  return { attempts, intervalMs, backoff: 2, maxIntervalMs, tryLimitMs, totalLimitMs: null };
}

/**
 * Octavia: the timeout_dict of the failover flows. One try may also wait as long as that for another amphora; or ask both of a pair
 * who holds the VIP, each as often as [haproxy_amphora] failover_connection_max_retries says, though neither ever answers.
 */
function failoverCall(s: RetrySource, agentCallMs: number): RetryClass {
  const { activeConnectionMaxRetries: attempts, activeConnectionRetryIntervalSec } = s;
  const intervalMs = activeConnectionRetryIntervalSec * 1000;
  const asking = 2 * s.failoverConnectionMaxRetries * (agentCallMs + s.failoverConnectionRetryIntervalSec * 1000);
  const tryLimitMs = Math.max(attempts * intervalMs + agentCallMs, asking);
  return { attempts, intervalMs, backoff: 1, maxIntervalMs: intervalMs, tryLimitMs, totalLimitMs: null };
}
