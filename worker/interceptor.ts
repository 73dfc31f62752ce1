import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Logger } from '../config/log.ts';
import { classify } from '../activities/failure.ts';

/** Logs each step that fails and tells Temporal whether trying again may help. */
export function failureInterceptor(log: Logger): ActivityInterceptorsFactory {
  return (context) => ({
    inbound: {
      async execute(input, next) {
        try {
          return await next(input);
        } catch (error) {
          const { activityType, attempt, workflowExecution } = context.info;
          log.warn({ err: error, step: activityType, attempt, workflow: workflowExecution?.workflowId }, 'step failed');
          throw classify(error);
        }
      },
    },
  });
}
