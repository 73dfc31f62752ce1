/** Ids of traces and spans (W3C Trace Context, 3.2). */

const form = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const sampled = 1;

export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

/** Undefined for a text that is not one. */
export function parseTraceparent(text: string): TraceParent | undefined {
  const [, traceId = '', spanId = '', flags = ''] = form.exec(text) ?? [];
  if (/^0*$/.test(traceId) || /^0*$/.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & sampled };
}

export function formatTraceparent({ traceId, spanId, traceFlags }: TraceParent): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** The trace of a request bears the request's own id: who knows `req-…` finds the trace. Undefined when there is none. */
export function traceIdOf(requestId: string): string | undefined {
  const digits = requestId.replace(/^req-/, '').replaceAll('-', '');
  return /^[0-9a-f]{32}$/.test(digits) && !/^0*$/.test(digits) ? digits : undefined;
}
