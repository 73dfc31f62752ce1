/** The parts of a history's events that need decoding. */
import type { History, Payload } from '@temporalio/common/lib/proto-utils.js';

export type Event = NonNullable<History['events']>[number];

interface Timestamp {
  readonly seconds?: number | { toNumber(): number } | null;
  readonly nanos?: number | null;
}

/** Milliseconds since 1970. The seconds are a number, or a Long of protobuf. */
export function millisecondsOf(timestamp: Timestamp | null | undefined): number {
  const seconds = timestamp?.seconds ?? 0;
  return (typeof seconds === 'number' ? seconds : seconds.toNumber()) * 1_000 + (timestamp?.nanos ?? 0) / 1e6;
}

/** The value of a payload with JSON in it; undefined for one without data. Throws SyntaxError for anything else. */
export function jsonOf(payload: Payload | null | undefined): unknown {
  const data = payload?.data;
  return data == null || data.length === 0 ? undefined : JSON.parse(Buffer.from(data).toString('utf8'));
}

/** What the Temporal UI calls the event. */
export function summaryOf(event: Event): string | undefined {
  const summary = jsonOf(event.userMetadata?.summary);
  return typeof summary === 'string' ? summary : undefined;
}
