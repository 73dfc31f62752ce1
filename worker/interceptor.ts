import type { Context } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { ApplicationFailure } from '@temporalio/common';
import { classify } from '../activities/failure.ts';
import type { Logger } from '../config/log.ts';
import { defaultSettings, type Settings } from '../config/settings.ts';
import { isUnavailable } from '../db/errors.ts';
import { closingSteps } from './closing-steps.ts';

type TrySettings = Pick<Settings, 'networkingMaxRetries'>;

/** Logs each step that fails and tells Temporal whether trying again may help. Beats for steps that have a heartbeat. */
export function failureInterceptor(
  log: Logger,
  { networkingMaxRetries: attempts }: TrySettings = defaultSettings,
): ActivityInterceptorsFactory {
  return (context) => ({
    inbound: {
      async execute(input, next) {
        const stopBeating = beat(context);
        try {
          return await next(input);
        } catch (error) {
          const { activityType, attempt, workflowExecution } = context.info;
          log.warn({ err: error, step: activityType, attempt, workflow: workflowExecution?.workflowId }, 'step failed');
          const failure = classify(error);
          throw isGivenUp(context, error, attempts)
            ? ApplicationFailure.fromError(failure, { nonRetryable: true })
            : failure;
        } finally {
          stopBeating();
        }
      },
    },
  });
}

/**
 * Whether a quick step is not tried again. Its policy has no end, for the sake of a database that is away, and its tries stay in one
 * worker. Any other error may be one that no retry there mends, and its flow could neither go on nor unwind.
 */
function isGivenUp({ info, cancellationSignal }: Context, error: unknown, attempts: number): boolean {
  if (!info.isLocal || closingSteps.has(info.activityType)) return false;
  // A step that its worker cannot finish is another's.
  if (cancellationSignal.aborted) return false;
  return info.attempt >= attempts && !isUnavailable(error);
}

/** So that Temporal gives a step to another worker soon after this one died, rather than after the step's whole time. */
function beat(context: Context): () => void {
  const { heartbeatTimeoutMs } = context.info;
  if (heartbeatTimeoutMs === undefined) return () => undefined;
  const timer = setInterval(() => context.heartbeat(), heartbeatTimeoutMs / 3);
  return () => clearInterval(timer);
}
