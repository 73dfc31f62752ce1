import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partition, type Span } from '../../bench/timeline.ts';

const none = {
  activityRunning: 0,
  localStepRunning: 0,
  workflowTaskRunning: 0,
  activityWaiting: 0,
  workflowTaskWaiting: 0,
  nothing: 0,
};

describe('the time of a run', () => {
  it('is divided among what goes on, and nothing is the rest', () => {
    const spans: Span[] = [
      { phase: 'workflowTaskWaiting', from: 0, to: 10 },
      { phase: 'workflowTaskRunning', from: 10, to: 30 },
      { phase: 'activityWaiting', from: 31, to: 35 },
      { phase: 'activityRunning', from: 35, to: 60 },
    ];
    expect(partition(0, 100, spans)).toEqual({
      ...none,
      workflowTaskWaiting: 10,
      workflowTaskRunning: 20,
      activityWaiting: 4,
      activityRunning: 25,
      nothing: 41,
    });
  });

  it('counts steps side by side once', () => {
    const spans: Span[] = [
      { phase: 'activityRunning', from: 0, to: 50 },
      { phase: 'activityRunning', from: 20, to: 70 },
    ];
    expect(partition(0, 70, spans)).toEqual({ ...none, activityRunning: 70 });
  });

  it('gives a moment to a step that runs rather than to one that waits', () => {
    const spans: Span[] = [
      { phase: 'activityWaiting', from: 0, to: 60 },
      { phase: 'workflowTaskRunning', from: 10, to: 40 },
      { phase: 'localStepRunning', from: 20, to: 30 },
    ];
    expect(partition(0, 60, spans)).toEqual({
      ...none,
      activityWaiting: 30,
      workflowTaskRunning: 20,
      localStepRunning: 10,
    });
  });

  it('leaves out what lies before the start and after the end', () => {
    expect(partition(10, 20, [{ phase: 'activityRunning', from: 0, to: 90 }])).toEqual({
      ...none,
      activityRunning: 10,
    });
  });

  it('has shares that sum to the whole, whatever goes on', () => {
    const phase = fc.constantFrom<Span['phase']>('activityRunning', 'localStepRunning', 'workflowTaskWaiting');
    const span = fc.record({ phase, from: fc.nat(100), length: fc.nat(100) });
    fc.assert(
      fc.property(fc.array(span), fc.nat(100), (given, end) => {
        const spans = given.map(({ phase, from, length }) => ({ phase, from, to: from + length }));
        const shares = Object.values(partition(0, end, spans));
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(end);
      }),
    );
  });
});
