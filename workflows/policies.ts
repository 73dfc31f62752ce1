/** Every time-out and retry of every step, as Temporal takes them. The figures come from the settings that the operation was started with. */
import { ActivityCancellationType, type ActivityOptions, type LocalActivityOptions } from '@temporalio/workflow';
import { defaultRetries, type RetryClass, type RetrySettings } from '../model/retries.ts';

/** A policy for each kind of step; what each kind is for, `RetrySettings` says. */
export type Policies = Readonly<Record<'database', LocalActivityOptions>> &
  Readonly<Record<Exclude<ClassName, 'database'> | 'hostQueue', ActivityOptions>>;

type ClassName = { [K in keyof RetrySettings]: RetrySettings[K] extends RetryClass ? K : never }[keyof RetrySettings];

/** One try of an undo in the detached clean-up flow, which tries again itself for as long as its target may still exist. */
export const cleanUp: ActivityOptions = {
  startToCloseTimeout: '60s',
  scheduleToStartTimeout: '60s',
  heartbeatTimeout: defaultRetries.workerLostAfterMs,
  retry: { maximumAttempts: 1 },
};

/** How long such a try stays in the queue of a compute host that did not take the one before, ms: the host takes it when it is back. */
export const hostWaitMs = 600_000;

/** A question that a person waits for: whoever does not answer at once is left out. */
export const survey: ActivityOptions = {
  scheduleToStartTimeout: '4s',
  startToCloseTimeout: '10s',
  retry: { maximumAttempts: 1 },
};

/** The policies of an operation. One that was started by a build that did not say has the defaults. */
export function policiesOf(retries: RetrySettings = defaultRetries): Policies {
  const remote = (retry: RetryClass): ActivityOptions => ({
    ...limitsOf(retry),
    heartbeatTimeout: retries.workerLostAfterMs,
  });
  /** A step that is cancelled is waited for, so that nothing runs while its flow unwinds. */
  const step = (retry: RetryClass): ActivityOptions => ({
    ...remote(retry),
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
  return {
    database: limitsOf(retries.database),
    networking: step(retries.networking),
    compute: step(retries.compute),
    boot: step(retries.boot),
    agentWait: step(retries.agentWait),
    amphora: step(retries.amphora),
    amphoraFailover: step(retries.amphoraFailover),
    undo: remote(retries.undo),
    hostQueue: { scheduleToStartTimeout: retries.hostQueueLimitMs },
  };
}

function limitsOf(
  retry: RetryClass,
): Pick<LocalActivityOptions, 'startToCloseTimeout' | 'scheduleToCloseTimeout' | 'retry'> {
  return {
    startToCloseTimeout: retry.tryLimitMs,
    ...(retry.totalLimitMs !== null && { scheduleToCloseTimeout: retry.totalLimitMs }),
    retry: {
      initialInterval: retry.intervalMs,
      backoffCoefficient: retry.backoff,
      maximumInterval: retry.maxIntervalMs,
      ...(retry.attempts !== null && { maximumAttempts: retry.attempts }),
    },
  };
}
