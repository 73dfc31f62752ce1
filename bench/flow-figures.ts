/** What many runs of one flow have in common. */
import type { Asked } from './flow-round.ts';
import type { FlowRun, StepTime } from './history.ts';
import { grouped, percentile } from './measurement.ts';
import { partition } from './timeline.ts';

/** An operation as its client saw it, and as its workflow's history tells it. */
export interface Measured {
  readonly asked: Asked;
  readonly run: FlowRun;
}

const median = (values: readonly number[]): number => percentile(values, 50);

/** The medians, milliseconds, and counts. A part's median is taken by itself, so medians of parts need not sum to that of the whole. */
export function figuresOf(all: readonly Measured[]): Record<string, unknown> {
  return {
    n: all.length,
    total: median(all.map(({ run }) => run.end - run.start)),
    parts: partsOf(all),
    workflowTasks: median(all.map(({ run }) => run.workflowTasks)),
    activities: median(all.map(({ run }) => run.steps.filter(({ local }) => !local).length)),
    localActivities: median(all.map(({ run }) => run.steps.filter(({ local }) => local).length)),
    client: clientSees(all),
  };
}

function partsOf(all: readonly Measured[]): Record<string, number> {
  const shares = all.map(({ run: { start, end, spans } }) => partition(start, end, spans));
  const [first] = shares;
  const parts = Object.keys(first ?? {}) as (keyof NonNullable<typeof first>)[];
  return Object.fromEntries(parts.map((part) => [part, median(shares.map((share) => share[part]))]));
}

/** `beforeStart`: from the request to the start of the workflow; `afterEnd`: from its end until the client saw what it did. */
function clientSees(all: readonly Measured[]): Record<string, number> {
  return {
    answer: median(all.map(({ asked }) => asked.answered - asked.posted)),
    settled: median(all.map(({ asked }) => asked.seen - asked.posted)),
    beforeStart: median(all.map(({ asked, run }) => run.start - asked.posted)),
    afterEnd: median(all.map(({ asked, run }) => asked.seen - run.end)),
  };
}

/** Each step by its name, in the order of the first run. One that a run takes more than once counts as often. */
export function stepFigures(all: readonly Measured[]): readonly StepTime[] {
  const byName = grouped(
    all.flatMap(({ run }) => run.steps),
    ({ name }) => name,
  );
  return [...byName].map(([name, times]) => ({
    name,
    local: times.every(({ local }) => local),
    waiting: median(times.map(({ waiting }) => waiting)),
    running: median(times.map(({ running }) => running)),
  }));
}
