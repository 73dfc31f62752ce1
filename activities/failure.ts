import { ApplicationFailure } from '@temporalio/common';
import { OvertakenOperation } from '../db/lifecycle/settle.ts';
import { DriverError } from '../drivers/errors.ts';
import type { StepFailureType } from '../model/failures.ts';

/**
 * What Temporal is told of an error: its type, and whether trying again may help. A driver's error says so itself, a
 * failure that is final by nature is final, anything else is transient.
 */
export function classify(error: unknown): unknown {
  if (error instanceof DriverError)
    return ApplicationFailure.create({
      type: error.type,
      message: error.message,
      nonRetryable: !error.retryable,
      ...(error.cause instanceof Error && { cause: error.cause }),
    });
  if (error instanceof OvertakenOperation) return gone(error.name, error.message);
  return error;
}

/** A failure that no retry mends: what the step works on is not there any more (model/failures.ts). */
export function gone(type: StepFailureType, message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type);
}
