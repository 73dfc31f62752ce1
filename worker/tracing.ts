import type { ActivityInterceptorsFactory, InjectedSinks, WorkerOptions } from '@temporalio/worker';
import { spanned, type Tracing } from '../tracing/contract.ts';
import { headerText, stepHeader, traceHeader, type TraceSinks } from '../workflows/interceptors.ts';
import { workflowInterceptorModules } from './workflow-bundle.ts';

type Sinks = InjectedSinks<TraceSinks>;

/** The same worker with spans for its runs and steps. A run that the API traces reports to any worker, also to one that traces nothing. */
export function traced(options: WorkerOptions, tracing: Tracing | undefined): WorkerOptions {
  const { interceptors, workflowsPath } = options;
  const sinks: Sinks = { trace: { runEnded: { fn: runReporter(tracing) } } };
  const steps = tracing === undefined ? [] : [stepTracer(tracing)];
  const modules = workflowsPath === undefined ? [] : workflowInterceptorModules;
  return {
    ...options,
    sinks,
    interceptors: {
      ...interceptors,
      workflowModules: [...modules, ...(interceptors?.workflowModules ?? [])],
      activity: [...steps, ...(interceptors?.activity ?? [])],
    },
  };
}

function runReporter(tracing: Tracing | undefined): Sinks['trace']['runEnded']['fn'] {
  return (info, run) => {
    const span = tracing?.start({
      name: info.workflowType,
      kind: 'worker',
      parent: run.parent,
      spanId: run.spanId,
      startedAt: new Date(run.startedAt),
      attributes: { 'temporal.workflow_id': info.workflowId, 'temporal.run_id': info.runId },
    });
    if (run.failure !== null) span?.fail(new Error(run.failure));
    span?.end(new Date(run.endedAt));
  };
}

/** A span for each attempt of a step whose flow is traced. */
function stepTracer(tracing: Tracing): ActivityInterceptorsFactory {
  return ({ info }) => ({
    inbound: {
      execute(input, next) {
        const parent = headerText(input.headers, traceHeader);
        if (parent === undefined) return next(input);
        const attributes = {
          'weir.step': headerText(input.headers, stepHeader) ?? info.activityType,
          'temporal.workflow_id': info.workflowExecution?.workflowId ?? '',
          'temporal.activity_id': info.activityId,
          'temporal.attempt': info.attempt,
          'temporal.task_queue': info.taskQueue,
        };
        return spanned(tracing, { name: info.activityType, kind: 'worker', parent, attributes }, () => next(input));
      },
    },
  });
}
