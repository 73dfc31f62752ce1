/** What a failure says to an operator, read from Temporal's chain of causes. */
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  isCancellation,
  TimeoutFailure,
} from '@temporalio/workflow';
import { failureTypeOf } from '../model/failures.ts';
import type { Cause } from '../model/operation.ts';

/** An error and its causes, outermost first. */
export function causesOf(error: unknown): readonly Cause[] {
  const causes: Cause[] = [];
  for (let current = error; current instanceof Error; current = current.cause) causes.push(causeOf(current));
  return causes.length > 0 ? causes : [{ type: 'Internal', message: String(error) }];
}

function causeOf(error: Error): Cause {
  if (error instanceof ActivityFailure) return { type: 'StepFailed', message: `${error.activityType} failed` };
  if (error instanceof TimeoutFailure) return timeoutCause(error);
  if (error instanceof CancelledFailure) return { type: 'Cancelled', message: 'the workflow was cancelled' };
  const name = error instanceof ApplicationFailure ? error.type : error.name;
  return { type: failureTypeOf(name), message: error.message };
}

/** What Temporal's kinds of time-outs mean for a step. */
const timeouts: Readonly<Record<NonNullable<TimeoutFailure['timeoutType']>, string>> = {
  SCHEDULE_TO_START: 'nobody took the step from its queue in time',
  START_TO_CLOSE: 'the step took longer than it may',
  SCHEDULE_TO_CLOSE: 'the step did not end in time, with all its tries',
  HEARTBEAT: 'nothing was heard of the step in time',
};

/** A step that nobody took is not tried again by Temporal. */
function timeoutCause({ timeoutType, message }: TimeoutFailure): Cause {
  const type = timeoutType === 'SCHEDULE_TO_START' ? 'Untaken' : 'Timeout';
  return { type, message: timeoutType === undefined ? message : timeouts[timeoutType] };
}

/** The messages of an error and its causes, outermost first, as one line. */
export function reasonOf(error: unknown): string {
  return [...new Set(causesOf(error).map(({ message }) => message))].join(': ');
}

/** The type of the innermost failure that has one: a DriverErrorType where a driver failed. */
export function rootTypeOf(error: unknown): string {
  let type = 'Internal';
  for (let current = error; current instanceof Error; current = current.cause)
    if (current instanceof ApplicationFailure && typeof current.type === 'string') type = current.type;
  return type;
}

/** Whether an error, or a cause of it, is one that no retry mends. */
export function isFinal(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause)
    if (current instanceof ApplicationFailure && current.nonRetryable === true) return true;
  return false;
}

/** Whether nobody took a step from its task queue in time. */
export function isUntaken(error: unknown): error is ActivityFailure {
  return (
    error instanceof ActivityFailure &&
    error.cause instanceof TimeoutFailure &&
    error.cause.timeoutType === 'SCHEDULE_TO_START'
  );
}

/** How a step that threw this ended. */
export function outcomeOf(error: unknown): 'failed' | 'cancelled' {
  return isCancellation(error) ? 'cancelled' : 'failed';
}
