/** Every time-out and retry of every step, as Temporal takes them. The figures come from the settings that the operation was started with. */
import { ActivityCancellationType, type ActivityOptions, type LocalActivityOptions } from '@temporalio/workflow';
import { defaultRetries, type RetryClass, type RetrySettings } from '../model/retries.ts';

/** A policy for each kind of step; what each kind is for, `RetrySettings` says. */
export type Policies = Readonly<Record<'database', LocalActivityOptions>> &
  Readonly<Record<Exclude<ClassName, 'database'> | 'hostQueue', ActivityOptions>>;

type ClassName = { [K in keyof RetrySettings]: RetrySettings[K] extends RetryClass ? K : never }[keyof RetrySettings];

/** What the clean-up flow makes of an undo: without limit, while its target may still exist. No operation sets it. */
export const cleanUp: ActivityOptions = {
  startToCloseTimeout: '60s',
  heartbeatTimeout: defaultRetries.workerLostAfterMs,
  retry: { initialInterval: '1s', maximumInterval: '60s' },
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
