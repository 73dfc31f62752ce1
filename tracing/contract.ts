/** Traces as the rest of Weir sees them: spans, and the W3C text that carries one to another process. Nothing of OpenTelemetry. */

export type SpanKind = 'server' | 'client' | 'worker' | 'internal';

/** Ids, names, counts. Never a body, a token, a certificate or a configuration. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanBegin {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes?: SpanAttributes;
  /** The span that this one is part of, as W3C `traceparent`. When absent: the one that work runs within. */
  readonly parent?: string | undefined;
  /** Of a span without a parent: 32 hexadecimal digits. Random when absent. */
  readonly traceId?: string | undefined;
  /** 16 hexadecimal digits; random when absent. */
  readonly spanId?: string;
  /** A span of another trace that led to this one, as `traceparent`. */
  readonly link?: string | undefined;
  /** Now when absent. */
  readonly startedAt?: Date;
}

export interface Span {
  /** W3C `traceparent` (Trace Context, 3.2): what a part of this span in another process names as its parent. */
  readonly traceparent: string;
  /** Runs work whose spans are parts of this one. */
  within<T>(work: () => T): T;
  set(attributes: SpanAttributes): void;
  fail(error: unknown): void;
  /** Now when no time is given. */
  end(at?: Date): void;
}

export interface Tracing {
  start(begin: SpanBegin): Span;
  /** Whether work runs within a span now. */
  readonly active: boolean;
  /** Sends what is left, for two seconds at most. */
  close(): Promise<void>;
}

/** Runs work within a span that ends with it and keeps its error. */
export async function spanned<T>(tracing: Tracing, begin: SpanBegin, work: (span: Span) => Promise<T>): Promise<T> {
  const span = tracing.start(begin);
  try {
    return await span.within(() => work(span));
  } catch (error) {
    span.fail(error);
    throw error;
  } finally {
    span.end();
  }
}
