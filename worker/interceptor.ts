import type { Context } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Logger } from '../config/log.ts';
import { classify } from '../activities/failure.ts';

/** Logs each step that fails and tells Temporal whether trying again may help. Beats for steps that have a heartbeat. */
export function failureInterceptor(log: Logger): ActivityInterceptorsFactory {
  return (context) => ({
    inbound: {
      async execute(input, next) {
        const stopBeating = beat(context);
        try {
          return await next(input);
        } catch (error) {
          const { activityType, attempt, workflowExecution } = context.info;
          log.warn({ err: error, step: activityType, attempt, workflow: workflowExecution?.workflowId }, 'step failed');
          throw classify(error);
        } finally {
          stopBeating();
        }
      },
    },
  });
}

/** So that Temporal gives a step to another worker soon after this one died, rather than after the step's whole time. */
function beat(context: Context): () => void {
  const { heartbeatTimeoutMs } = context.info;
  if (heartbeatTimeoutMs === undefined) return () => undefined;
  const timer = setInterval(() => context.heartbeat(), heartbeatTimeoutMs / 3);
  return () => clearInterval(timer);
}
