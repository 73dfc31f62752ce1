import { sleep } from '@temporalio/activity';
import type { Settings } from '../config/settings.ts';
import { DriverError, type DriverErrorType } from '../drivers/errors.ts';

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
      if (!isOfType(error, 'AmphoraUnreachable')) throw error;
    }
    if (left > 1) await sleep(intervalMs);
  }
  return null;
}

/** What became of work with an amphora: done; it does not answer; it answers, but only with errors. */
export type PeerState = 'done' | 'silent' | 'broken';

/**
 * Works with an amphora in the failover of another. One that stays silent, or answers nothing but errors, is told apart and not
 * thrown, so that it does not stop the living; what else goes wrong is thrown.
 */
export async function workWithPeer(
  patience: { readonly silent: Patience; readonly broken: Patience },
  work: () => Promise<unknown>,
): Promise<PeerState> {
  const began = performance.now();
  for (let silent = 0, broken = 0; ;) {
    try {
      await work();
      return 'done';
    } catch (error) {
      if (isOfType(error, 'AmphoraUnreachable')) silent += 1;
      else if (isOfType(error, 'AgentFailed')) broken += 1;
      else throw error;
    }
    // One that swallows packets takes a whole connect time-out for each try; it is not waited for longer than one that refuses.
    const waitedMs = performance.now() - began;
    if (silent >= patience.silent.tries || (silent > 0 && waitedMs >= limitOf(patience.silent))) return 'silent';
    if (broken >= patience.broken.tries || (broken > 0 && waitedMs >= limitOf(patience.broken))) return 'broken';
    await sleep(Math.max(patience.silent.intervalMs, patience.broken.intervalMs));
  }
}

const limitOf = ({ tries, intervalMs }: Patience): number => tries * intervalMs;

const isOfType = (error: unknown, type: DriverErrorType): boolean =>
  error instanceof DriverError && error.type === type;
