/** What the history of a workflow tells of its time (temporal/api/history/v1/message.proto). */
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { readLocalSteps, type LocalStep } from './local-steps.ts';
import { millisecondsOf, summaryOf, type Event } from './history-event.ts';
import type { Span } from './timeline.ts';

/** A step of the flow, under the name that the Temporal UI shows. */
export interface StepTime {
  readonly name: string;
  /** Run within a workflow task, rather than handed out by the server. */
  readonly local: boolean;
  /** Milliseconds until its last try began; not known of a local one. */
  readonly waiting: number;
  readonly running: number;
}

/** One run of a flow. Times are milliseconds since 1970. */
export interface FlowRun {
  /** The name of the workflow. */
  readonly flow: string;
  readonly start: number;
  readonly end: number;
  readonly spans: readonly Span[];
  readonly steps: readonly StepTime[];
  readonly workflowTasks: number;
}

/** A workflow task or an activity, as the server hands them out. */
interface Task {
  /** Undefined for a workflow task. */
  readonly step: string | undefined;
  readonly scheduled: number;
  started?: number;
  ended?: number;
}

/** Reads a run that is over. Throws when it is not, or when the history is none. */
export function readRun(history: History): FlowRun {
  const events = history.events ?? [];
  const [first] = events;
  const last = events.at(-1);
  const flow = first?.workflowExecutionStartedEventAttributes?.workflowType?.name;
  if (first === undefined || last === undefined || flow == null) throw new Error('no history of a workflow');
  if (!closes(last)) throw new Error(`a run of ${flow} is not over`);
  const [start, end] = [millisecondsOf(first.eventTime), millisecondsOf(last.eventTime)];
  const tasks = readTasks(events);
  const workflowTasks = tasks.filter(({ step }) => step === undefined);
  const locals = readLocalSteps(
    events,
    workflowTasks.flatMap(({ started }) => started ?? []),
  );
  return {
    flow,
    start,
    end,
    spans: [...tasks.flatMap((task) => spansOf(task, end)), ...locals.map(localSpan)],
    steps: [...tasks.flatMap((task) => stepOf(task, end)), ...locals.map(localStep)],
    workflowTasks: workflowTasks.length,
  };
}

function closes(event: Event): boolean {
  const ends = [
    event.workflowExecutionCompletedEventAttributes,
    event.workflowExecutionFailedEventAttributes,
    event.workflowExecutionCanceledEventAttributes,
    event.workflowExecutionTerminatedEventAttributes,
    event.workflowExecutionTimedOutEventAttributes,
  ];
  return ends.some((attributes) => attributes != null);
}

function startOf(event: Event) {
  return event.workflowTaskStartedEventAttributes ?? event.activityTaskStartedEventAttributes;
}

function endOf(event: Event) {
  return (
    event.workflowTaskCompletedEventAttributes ??
    event.workflowTaskFailedEventAttributes ??
    event.workflowTaskTimedOutEventAttributes ??
    event.activityTaskCompletedEventAttributes ??
    event.activityTaskFailedEventAttributes ??
    event.activityTaskTimedOutEventAttributes ??
    event.activityTaskCanceledEventAttributes
  );
}

/** An activity's start is written down when it ends, so events are not in the order of their times. */
function readTasks(events: readonly Event[]): readonly Task[] {
  const tasks = new Map<string, Task>();
  for (const event of events) {
    const at = millisecondsOf(event.eventTime);
    const activity = event.activityTaskScheduledEventAttributes;
    if (event.workflowTaskScheduledEventAttributes != null || activity != null) {
      const step = activity == null ? undefined : (summaryOf(event) ?? activity.activityType?.name ?? '');
      tasks.set(String(event.eventId), { step, scheduled: at });
    }
    const started = tasks.get(String(startOf(event)?.scheduledEventId));
    if (started !== undefined) started.started = at;
    const ended = tasks.get(String(endOf(event)?.scheduledEventId));
    if (ended !== undefined) ended.ended = at;
  }
  return [...tasks.values()];
}

function spansOf({ step, scheduled, started, ended }: Task, end: number): readonly Span[] {
  const [waiting, running] =
    step === undefined
      ? (['workflowTaskWaiting', 'workflowTaskRunning'] as const)
      : (['activityWaiting', 'activityRunning'] as const);
  const begun = started ?? ended ?? end;
  return [
    { phase: waiting, from: scheduled, to: begun },
    { phase: running, from: begun, to: ended ?? end },
  ];
}

function stepOf({ step, scheduled, started, ended = Infinity }: Task, end: number): readonly StepTime[] {
  if (step === undefined) return [];
  const over = Math.min(ended, end);
  const begun = started ?? over;
  return [{ name: step, local: false, waiting: begun - scheduled, running: over - begun }];
}

const localSpan = ({ from, to }: LocalStep): Span => ({ phase: 'localStepRunning', from, to });
const localStep = ({ name, from, to }: LocalStep): StepTime => ({ name, local: true, waiting: 0, running: to - from });
