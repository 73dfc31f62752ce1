/** What a workflow has done, read from its history. */
import type { WorkflowHandle } from '@temporalio/client';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type Event = NonNullable<History['events']>[number];
type Timestamp = Event['eventTime'];

export interface Step {
  readonly name: string;
  readonly ok: boolean;
  readonly tookMs: number | undefined;
}

interface Scheduled {
  readonly name: string;
  readonly at: Timestamp;
}

/** The steps that are over, in the order in which they ended. */
export function stepsOf(history: History): readonly Step[] {
  const scheduled = new Map<string, Scheduled>();
  return (history.events ?? []).flatMap((event) => {
    if (event.activityTaskScheduledEventAttributes) {
      scheduled.set(String(event.eventId), { name: nameOf(event), at: event.eventTime });
      return [];
    }
    return endedActivity(event, scheduled) ?? localActivity(event) ?? [];
  });
}

function endedActivity(event: Event, scheduled: ReadonlyMap<string, Scheduled>): Step | undefined {
  const completed = event.activityTaskCompletedEventAttributes;
  const ended = completed ?? event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes;
  const start = scheduled.get(String(ended?.scheduledEventId));
  if (start === undefined) return undefined;
  return { name: start.name, ok: Boolean(completed), tookMs: milliseconds(event.eventTime) - milliseconds(start.at) };
}

/** The SDK's core writes a marker for each local activity; its `data` holds the name. */
function localActivity(event: Event): Step | undefined {
  const marker = event.markerRecordedEventAttributes;
  if (marker?.markerName !== 'core_local_activity') return undefined;
  const data = textOf(marker.details?.['data']?.payloads?.[0]?.data);
  const { activity_type: type } = JSON.parse(data === '' ? '{}' : data) as { activity_type?: string };
  return { name: summaryOf(event) ?? type ?? 'local activity', ok: !marker.failure, tookMs: undefined };
}

function nameOf(event: Event): string {
  return summaryOf(event) ?? event.activityTaskScheduledEventAttributes?.activityType?.name ?? 'activity';
}

/** The text that the Temporal UI shows for the event: a JSON string. */
function summaryOf(event: Event): string | undefined {
  const text = textOf(event.userMetadata?.summary?.data);
  return text === '' ? undefined : (JSON.parse(text) as string);
}

function textOf(data: Uint8Array | null | undefined): string {
  return data ? Buffer.from(data).toString() : '';
}

function milliseconds(timestamp: Timestamp): number {
  return Number(timestamp?.seconds ?? 0) * 1000 + Math.round((timestamp?.nanos ?? 0) / 1e6);
}
