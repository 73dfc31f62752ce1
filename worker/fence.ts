import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { gone } from '../activities/failure.ts';
import type { Db } from '../db/database.ts';
import { mayTakeSteps } from '../db/lifecycle/fence.ts';
import { operationOf } from '../model/operation.ts';
import { closingSteps } from './closing-steps.ts';

/**
 * Refuses a step whose operation is over. A worker that froze, lost its steps to another and comes back would else do them
 * once more, after the flow has ended and a newer one has begun. Those that close an operation look for themselves, under the
 * lock of the rows that they write.
 */
export function fenceInterceptor(db: Db): ActivityInterceptorsFactory {
  return ({ info }) => ({
    inbound: {
      async execute(input, next) {
        const operation = operationOf(info.workflowExecution?.workflowId ?? '');
        if (operation !== null && !closingSteps.has(info.activityType)) {
          const { loadBalancerId, sequence } = operation;
          if (!(await mayTakeSteps(db, loadBalancerId, sequence)))
            throw gone('OvertakenOperation', `operation ${sequence} of load balancer ${loadBalancerId} is over`);
        }
        return next(input);
      },
    },
  });
}
