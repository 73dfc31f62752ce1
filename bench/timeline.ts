/** The time of one run, divided so that each moment counts once. */

/** What can go on at a moment of a run, the most advanced first: a moment in which several do belongs to the first of them. */
const phases = [
  'activityRunning',
  'localStepRunning',
  'workflowTaskRunning',
  'activityWaiting',
  'workflowTaskWaiting',
] as const;
export type Phase = (typeof phases)[number];

/** Milliseconds of each phase; `nothing`: none of them, such as a timer, or the server between two events. */
export type Shares = Readonly<Record<Phase | 'nothing', number>>;

export interface Span {
  readonly phase: Phase;
  /** Milliseconds on any one clock. */
  readonly from: number;
  readonly to: number;
}

/** Divides the time from `start` to `end` among the phases. What lies outside does not count; the shares sum to the whole. */
export function partition(start: number, end: number, spans: readonly Span[]): Shares {
  const shares: Record<keyof Shares, number> = {
    activityRunning: 0,
    localStepRunning: 0,
    workflowTaskRunning: 0,
    activityWaiting: 0,
    workflowTaskWaiting: 0,
    nothing: 0,
  };
  const inside = spans.flatMap(({ from, to }) => [from, to]).filter((at) => at > start && at < end);
  const cuts = [start, ...inside.toSorted((one, other) => one - other), end];
  for (const [index, to] of cuts.entries()) {
    const from = cuts[index - 1] ?? start;
    if (to > from) shares[mostAdvanced(from, to, spans)] += to - from;
  }
  return shares;
}

/** No span begins or ends between the two. */
function mostAdvanced(from: number, to: number, spans: readonly Span[]): Phase | 'nothing' {
  const going = new Set(spans.filter((span) => span.from <= from && span.to >= to).map(({ phase }) => phase));
  return phases.find((phase) => going.has(phase)) ?? 'nothing';
}
