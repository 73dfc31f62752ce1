/**
 * Hands the trace that a run was begun in on to its steps and clean-up flows, and reports the run's own span when it ends.
 * Only the header that the run was started with decides: without it nothing here does anything, and a run never issues
 * other commands for being traced. The header is part of the history, so replays agree.
 */
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import {
  ContinueAsNew,
  proxySinks,
  workflowInfo,
  type Sinks,
  type WorkflowInterceptorsFactory,
} from '@temporalio/workflow';

/** The header with the W3C `traceparent` of the span that something is part of. */
export const traceHeader = 'traceparent';
/** The header that tells a traced step what the flow calls it. */
export const stepHeader = 'weir-step';

export interface RunSpan {
  /** `traceparent` of the span that the run is part of. */
  readonly parent: string;
  readonly spanId: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Null when it ended well. */
  readonly failure: string | null;
}

export interface TraceSinks extends Sinks {
  readonly trace: { runEnded(run: RunSpan): void };
}

/** The text of a header, if it is there. */
export function headerText(headers: Headers, name: string): string | undefined {
  const payload = headers[name];
  const value: unknown = payload === undefined ? undefined : defaultPayloadConverter.fromPayload(payload);
  return typeof value === 'string' ? value : undefined;
}

/** The same headers and one more. */
export function withHeader(headers: Headers, name: string, text: string): Headers {
  return { ...headers, [name]: defaultPayloadConverter.toPayload(text) };
}

/** Of a run: known without randomness, and the same in every worker. */
const ownSpanId = (): string => workflowInfo().runId.replaceAll('-', '').slice(-16);

export const interceptors: WorkflowInterceptorsFactory = () => {
  /** What parts of this run name as their parent; undefined while nothing is traced. */
  let own: string | undefined;
  const carry = <I extends { readonly headers: Headers }>(input: I, step?: string): I => {
    if (own === undefined) return input;
    const headers = withHeader(input.headers, traceHeader, own);
    return { ...input, headers: step === undefined ? headers : withHeader(headers, stepHeader, step) };
  };
  return {
    inbound: [
      {
        execute(input, next) {
          const parent = headerText(input.headers, traceHeader);
          if (parent === undefined) return next(input);
          own = parent.replace(/-[0-9a-f]{16}-/, `-${ownSpanId()}-`);
          return reported(parent, () => next(input));
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(carry(input, input.options.summary)),
        scheduleLocalActivity: (input, next) => next(carry(input, input.options.summary)),
        startChildWorkflowExecution: (input, next) => next(carry(input)),
        continueAsNew: (input, next) => next(carry(input)),
      },
    ],
  };
};

async function reported(parent: string, run: () => Promise<unknown>): Promise<unknown> {
  const { trace } = proxySinks<TraceSinks>();
  const startedAt = Date.now();
  const report = (failure: string | null): void =>
    trace.runEnded({ parent, spanId: ownSpanId(), startedAt, endedAt: Date.now(), failure });
  try {
    const result = await run();
    report(null);
    return result;
  } catch (error) {
    report(error instanceof ContinueAsNew ? null : String(error instanceof Error ? error.message : error));
    throw error;
  }
}
