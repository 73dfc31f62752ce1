import { sleep } from '@temporalio/activity';
import type { Settings } from '../config/settings.ts';
import { DriverError } from '../drivers/errors.ts';

/** How often an amphora that may be dead is asked. */
export interface Patience {
  readonly tries: number;
  readonly intervalMs: number;
}

export const once: Patience = { tries: 1, intervalMs: 0 };

/** With an amphora that served already ([haproxy_amphora] active_connection_max_retries, active_connection_retry_interval). */
export const withActive = (settings: Settings): Patience => ({
  tries: settings.activeConnectionMaxRetries,
  intervalMs: settings.activeConnectionRetryIntervalSec * 1000,
});

/** In the choice of the amphora to fail over first ([haproxy_amphora] failover_connection_*). */
export const withFailedOver = (settings: Settings): Patience => ({
  tries: settings.failoverConnectionMaxRetries,
  intervalMs: settings.failoverConnectionRetryIntervalSec * 1000,
});

/** The answer of an amphora, or null when it does not answer. Throws what else goes wrong. */
export async function answerOf<T>(
  { tries, intervalMs }: Patience,
  ask: () => Promise<T>,
): Promise<{ readonly answer: T } | null> {
  for (let left = tries; left > 0; left -= 1) {
    try {
      return { answer: await ask() };
    } catch (error) {
      if (!(error instanceof DriverError) || error.type !== 'AmphoraUnreachable') throw error;
    }
    if (left > 1) await sleep(intervalMs);
  }
  return null;
}
