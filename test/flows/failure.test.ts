import {
  ActivityFailure,
  ApplicationFailure,
  RetryState,
  TemporalFailure,
  TimeoutFailure,
  type TimeoutType,
} from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { failures } from '../../model/failures.ts';
import { causesOf, reasonOf } from '../../workflows/failure.ts';

const stepFailed = (cause: Error): ActivityFailure =>
  new ActivityFailure('activity failed', 'bootAmphora', '1', RetryState.TIMEOUT, 'worker', cause);

const typed = (type: string): ApplicationFailure => ApplicationFailure.create({ type, message: 'what happened' });

describe('the causes of a failure', () => {
  test.each([
    ['a driver names', typed('NoValidHost'), 'NoValidHost'],
    ['a library throws', typed('TypeError'), 'Internal'],
    ['every object has', typed('toString'), 'Internal'],
    ['nobody named', ApplicationFailure.create({ message: 'what happened' }), 'Internal'],
    ['a flow throws', new RangeError('what happened'), 'Internal'],
    ['has no type on its way', new TemporalFailure('what happened'), 'TemporalFailure'],
    ['a worker that stops leaves', typed('WorkerShutdown'), 'WorkerShutdown'],
    ['took too long', new TimeoutFailure('late', undefined, 'START_TO_CLOSE'), 'Timeout'],
    ['nobody took', new TimeoutFailure('late', undefined, 'SCHEDULE_TO_START'), 'Untaken'],
  ])('show what %s under a type of the table', (_, error, type) => {
    const causes = causesOf(stepFailed(error));
    expect(causes.map((cause) => cause.type)).toEqual(['StepFailed', type]);
    expect(causes.filter((cause) => !Object.hasOwn(failures, cause.type))).toEqual([]);
  });

  test('say of a time-out what it means for the step', () => {
    const late = (kind: TimeoutType): string => reasonOf(stepFailed(new TimeoutFailure('late', undefined, kind)));
    expect(late('SCHEDULE_TO_START')).toBe('bootAmphora failed: nobody took the step from its queue in time');
    expect(late('HEARTBEAT')).toBe('bootAmphora failed: nothing was heard of the step in time');
  });
});
