/** How a worker ends: steps that run may finish; one that needs longer goes to another worker. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Logger } from '../config/log.ts';
import type { Settings } from '../config/settings.ts';

/** To tell Temporal which steps were not finished. When it is not there it notices by itself, by their heartbeats. */
const farewellMs = 2_000;

/** For connections to close; one that a step left behind still uses does not. */
const closingMs = 1_000;

type DrainSettings = Pick<Settings, 'gracefulShutdownTimeoutSec'>;

/** Times as Worker.create takes them, ms. */
export function drainTimes({ gracefulShutdownTimeoutSec }: DrainSettings) {
  const shutdownGraceTime = gracefulShutdownTimeoutSec * 1_000;
  return { shutdownGraceTime, shutdownForceTime: shutdownGraceTime + farewellMs };
}

/**
 * Gives a step that still runs at the end of the grace time to another worker at once, instead of after the time-out of its
 * heartbeat. What is left of it ends with the process, as if that had been killed.
 */
export const handOverInterceptor: ActivityInterceptorsFactory = ({ cancelled, cancellationSignal }) => ({
  inbound: {
    execute: (input, next) => {
      const step = next(input).catch((error: unknown) => {
        throw isDrain(cancellationSignal.reason) ? handOver() : error;
      });
      const drained = cancelled.catch((reason: unknown) => {
        if (!isDrain(reason)) return step;
        throw handOver();
      });
      return Promise.race([step, drained]);
    },
  },
});

const isDrain = (reason: unknown): boolean =>
  reason instanceof CancelledFailure && reason.message === 'WORKER_SHUTDOWN';

/** Temporal tries the step again at once, wherever there is a worker. */
const handOver = (): ApplicationFailure =>
  ApplicationFailure.create({ type: 'WorkerShutdown', message: 'its worker was told to stop', nextRetryDelay: '1ms' });

/** Waits for the end of a worker. What it could not finish is not lost, so that is no failure of a process that was told to stop. */
export async function untilDrained(running: Promise<void>, log: Logger, signal: AbortSignal): Promise<void> {
  try {
    await running;
  } catch (error) {
    if (!signal.aborted) throw error;
    log.warn(
      { err: error },
      'stopped before every step was handed over; each goes to another worker after its time-out',
    );
  }
}

/** Closes what a process has opened; does not wait longer than a second for what a step left behind still uses. */
export async function closeSoon(close: () => Promise<unknown>): Promise<void> {
  const closed = new AbortController();
  const limit = sleep(closingMs, undefined, { signal: closed.signal }).catch(() => undefined);
  await Promise.race([close(), limit]);
  closed.abort();
}
