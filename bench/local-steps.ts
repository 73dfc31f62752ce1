/** When the local activities of a run ran: the server sees none of it, the worker notes it in a marker. */
import { jsonOf, millisecondsOf, summaryOf, type Event } from './history-event.ts';

/** Times are milliseconds since 1970, by the clock of the worker. */
export interface LocalStep {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** Of Temporal's sdk-core (protos/local/temporal/sdk/core/external_data: LocalActivityMarkerData). */
interface MarkerData {
  readonly activity_type: string;
  readonly original_schedule_time: { readonly seconds: number; readonly nanos: number };
  readonly complete_time: { readonly seconds: number; readonly nanos: number };
}

interface Marked {
  readonly name: string;
  readonly scheduled: number;
  /** In the workflow's time, which stands still but for local activities. */
  readonly completed: number;
}

/**
 * `taskStarts`: when the workflow tasks of the run started. The marker holds the time of the clock at which an activity was
 * scheduled, and the workflow's time at which it was complete: how long it ran lies between the latter and the workflow's time
 * at which it began, which is the start of its task or the completion of what the workflow had waited for by then.
 */
export function readLocalSteps(events: readonly Event[], taskStarts: readonly number[]): readonly LocalStep[] {
  const marked = events.flatMap(markedIn).toSorted((one, other) => one.scheduled - other.scheduled);
  const steps: LocalStep[] = [];
  const completions: { readonly at: number; readonly workflowTime: number }[] = [];
  for (const { name, scheduled, completed } of marked) {
    const known = completions.filter(({ at }) => at <= scheduled).map(({ workflowTime }) => workflowTime);
    const began = Math.max(...taskStarts.filter((at) => at <= scheduled), ...known);
    const to = scheduled + (Number.isFinite(began) ? Math.max(0, completed - began) : 0);
    steps.push({ name, from: scheduled, to });
    completions.push({ at: to, workflowTime: completed });
  }
  return steps;
}

function markedIn(event: Event): readonly Marked[] {
  const marker = event.markerRecordedEventAttributes;
  if (marker?.markerName !== 'core_local_activity') return [];
  const data = jsonOf(marker.details?.['data']?.payloads?.[0]) as Partial<MarkerData> | undefined;
  if (data?.original_schedule_time == null || data.complete_time == null)
    throw new Error(`event ${String(event.eventId)}: the marker of a local activity without its times`);
  return [
    {
      name: summaryOf(event) ?? data.activity_type ?? '',
      scheduled: millisecondsOf(data.original_schedule_time),
      completed: millisecondsOf(data.complete_time),
    },
  ];
}
