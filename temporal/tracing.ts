import type { WorkflowClientInterceptor } from '@temporalio/client';
import { spanned, type SpanBegin, type Tracing } from '../tracing/contract.ts';
import { traceIdOf } from '../tracing/ids.ts';
import { traceHeader, withHeader } from '../workflows/interceptors.ts';
import { RequestId } from '../workflows/search-attributes.ts';

type StartOptions = Parameters<NonNullable<WorkflowClientInterceptor['startWithDetails']>>[0]['options'];

/** Makes the start of a workflow part of the trace of its request, whoever starts it, and the workflow part of its start. */
export function traceStarts(tracing: Tracing): WorkflowClientInterceptor {
  return {
    startWithDetails: (input, next) =>
      spanned(tracing, beginOf(input.workflowType, input.options), ({ traceparent }) =>
        next({ ...input, headers: withHeader(input.headers, traceHeader, traceparent) }),
      ),
    startUpdateWithStart: (input, next) =>
      spanned(tracing, beginOf(input.workflowType, input.workflowStartOptions), ({ traceparent }) =>
        next({ ...input, workflowStartHeaders: withHeader(input.workflowStartHeaders, traceHeader, traceparent) }),
      ),
  };
}

/** Where no request is at hand, as in the relay, the id of the request says which trace it belongs to. */
function beginOf(workflowType: string, { workflowId, typedSearchAttributes }: StartOptions): SpanBegin {
  const attributes = typedSearchAttributes;
  const requestId = attributes !== undefined && 'get' in attributes ? attributes.get(RequestId) : undefined;
  return {
    name: `start ${workflowType}`,
    kind: 'client',
    traceId: traceIdOf(requestId ?? ''),
    attributes: { 'temporal.workflow_id': workflowId },
  };
}
