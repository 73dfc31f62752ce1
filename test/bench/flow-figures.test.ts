import { describe, expect, it } from 'vitest';
import { figuresOf, stepFigures, type Measured } from '../../bench/flow-figures.ts';
import type { StepTime } from '../../bench/history.ts';
import { grouped } from '../../bench/measurement.ts';

const push = (running: number): StepTime => ({ name: 'push configuration', local: false, waiting: 2, running });
const mark: StepTime = { name: 'mark member active', local: true, waiting: 0, running: 3 };

/** A run that begins 10 ms after it was asked for and lasts `ms`, of which an activity runs for half. */
function lasting(ms: number): Measured {
  return {
    asked: {
      flow: 'createMember',
      topology: 'SINGLE',
      loadBalancerId: 'd06d373b-ac72-4b1e-86ee-d826a8c1de95',
      sequence: 5,
      posted: 0,
      answered: 12,
      seen: ms + 4,
    },
    run: {
      flow: 'createMember',
      start: 10,
      end: 10 + ms,
      spans: [{ phase: 'activityRunning', from: 10, to: 10 + ms / 2 }],
      steps: [push(ms / 2), mark],
      workflowTasks: 2,
    },
  };
}

describe('the figures of a flow', () => {
  it('are the medians of its runs', () => {
    expect(figuresOf([lasting(40), lasting(100), lasting(60)])).toEqual({
      n: 3,
      total: 60,
      parts: {
        activityRunning: 30,
        localStepRunning: 0,
        workflowTaskRunning: 0,
        activityWaiting: 0,
        workflowTaskWaiting: 0,
        nothing: 30,
      },
      workflowTasks: 2,
      activities: 1,
      localActivities: 1,
      client: { answer: 12, settled: 64, beforeStart: 10, afterEnd: -6 },
    });
  });

  it('name each step once', () => {
    expect(stepFigures([lasting(40), lasting(100), lasting(60)])).toEqual([push(30), mark]);
  });
});

describe('grouping', () => {
  it('keeps the order of the first of each group', () => {
    const groups = grouped(['pool', 'listener', 'policy'], (word) => word.charAt(0));
    expect([...groups]).toEqual([
      ['p', ['pool', 'policy']],
      ['l', ['listener']],
    ]);
  });
});
