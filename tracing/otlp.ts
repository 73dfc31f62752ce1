/** Traces by OpenTelemetry, sent by OTLP over HTTP. Loaded only where traces are switched on. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import {
  ROOT_CONTEXT,
  SpanKind as OtelKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span as OtelSpan,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type SpanExporter,
} from '@opentelemetry/sdk-trace';
import type { Logger } from '../config/log.ts';
import { ChosenIds } from './chosen-ids.ts';
import type { Span, SpanAttributes, SpanBegin, SpanKind, Tracing } from './contract.ts';
import { formatTraceparent, parseTraceparent } from './ids.ts';
import { reporting } from './reporting.ts';

const closeLimitMs = 2_000;

interface OtlpOptions {
  /** Base of the collector's addresses: `http://collector:4318`. */
  readonly endpoint: string;
  readonly samplePercent: number;
  readonly process: string;
  readonly log: Logger;
}

export function openOtlp({ endpoint, samplePercent, process, log }: OtlpOptions): Tracing {
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
  return new OtelTracing(reporting(exporter, endpoint, log), process, samplePercent);
}

class OtelTracing implements Tracing {
  readonly #ids = new ChosenIds();
  readonly #running = new AsyncLocalStorage<Context>();
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;

  constructor(exporter: SpanExporter, process: string, samplePercent: number) {
    this.#provider = new TracerProvider({
      idGenerator: this.#ids,
      resource: resourceFromAttributes({ 'service.name': process }),
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(samplePercent / 100) }),
      spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: 1_000 })],
    });
    this.#tracer = this.#provider.getTracer('weir');
  }

  get active(): boolean {
    return this.#running.getStore() !== undefined;
  }

  start({ name, kind, attributes = {}, parent, traceId, spanId, link, startedAt }: SpanBegin): Span {
    const context = this.#parentContext(parent);
    const linked = link === undefined ? undefined : parseTraceparent(link);
    const options = {
      kind: kinds[kind],
      attributes,
      links: linked === undefined ? [] : [{ context: { ...linked, isRemote: true } }],
      ...(startedAt !== undefined && { startTime: startedAt }),
    };
    const span = this.#ids.choosing({ traceId, spanId }, () => this.#tracer.startSpan(name, options, context));
    return new OtelSpanOf(span, trace.setSpan(context, span), this.#running);
  }

  #parentContext(parent: string | undefined): Context {
    const remote = parent === undefined ? undefined : parseTraceparent(parent);
    if (remote !== undefined) return trace.setSpanContext(ROOT_CONTEXT, { ...remote, isRemote: true });
    return this.#running.getStore() ?? ROOT_CONTEXT;
  }

  async close(): Promise<void> {
    const limit = new AbortController();
    const late = delay(closeLimitMs, undefined, { signal: limit.signal }).catch(() => undefined);
    await Promise.race([this.#provider.shutdown().catch(() => undefined), late]);
    limit.abort();
  }
}

const kinds: Readonly<Record<SpanKind, OtelKind>> = {
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  worker: OtelKind.CONSUMER,
  internal: OtelKind.INTERNAL,
};

class OtelSpanOf implements Span {
  readonly #span: OtelSpan;
  readonly #context: Context;
  readonly #running: AsyncLocalStorage<Context>;
  readonly traceparent: string;

  constructor(span: OtelSpan, context: Context, running: AsyncLocalStorage<Context>) {
    this.#span = span;
    this.#context = context;
    this.#running = running;
    this.traceparent = formatTraceparent(span.spanContext());
  }

  within<T>(work: () => T): T {
    return this.#running.run(this.#context, work);
  }

  set(attributes: SpanAttributes): void {
    this.#span.setAttributes(attributes);
  }

  fail(error: unknown): void {
    const known = error instanceof Error ? error : new Error(String(error));
    this.#span.recordException(known);
    this.#span.setStatus({ code: SpanStatusCode.ERROR, message: known.message });
  }

  end(at?: Date): void {
    this.#span.end(at);
  }
}
