import { existsSync } from 'node:fs';
import {
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type LogLevel,
  type TelemetryOptions,
  type WorkerOptions,
} from '@temporalio/worker';
import type { Logger } from '../config/log.ts';
import { announceReady, withdrawReady } from '../config/ready.ts';
import type { Settings } from '../config/settings.ts';
import type { MetricsSource } from '../metrics/serve.ts';
import { temporalEndpoint } from '../temporal/client.ts';
import { failureInterceptor } from './interceptor.ts';
import { onLoopback, sdkMetrics, sdkTelemetry } from './sdk-metrics.ts';
import { bundlePath, workflowsPath } from './workflow-bundle.ts';

const levels: Readonly<Record<LogLevel, 'trace' | 'debug' | 'info' | 'warn' | 'error'>> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'debug',
  WARN: 'warn',
  ERROR: 'error',
};

/** Sends the SDK's own messages to our log. Once in a process, before the first worker. Returns what the SDK measures, if it shall. */
export async function installRuntime(log: Logger, measured: boolean): Promise<readonly MetricsSource[]> {
  const install = (telemetryOptions: TelemetryOptions): Runtime =>
    Runtime.install({
      logger: new DefaultLogger('INFO', ({ level, message, meta }) => {
        log[levels[level]](meta ?? {}, message);
      }),
      telemetryOptions,
      shutdownSignals: [],
    });
  if (measured)
    return onLoopback((address) => {
      install(sdkTelemetry(address));
      return [sdkMetrics(address)];
    });
  install({});
  return [];
}

/** Connects to the Temporal frontend; tries until it is there or the process is told to stop. */
export async function connect(settings: Settings, log: Logger, signal: AbortSignal): Promise<NativeConnection | null> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      return await NativeConnection.connect(temporalEndpoint(settings));
    } catch (error) {
      if (attempt % 10 === 0) log.warn({ err: error, address: settings.temporalAddress }, 'Temporal is not there yet');
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  return null;
}

/** The workflows, built beforehand where there was a build. */
export function workflowSource(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  return existsSync(bundlePath) ? { workflowBundle: { codePath: bundlePath } } : { workflowsPath };
}

/** Runs a worker until `signal`, then drains it: steps that run may finish. */
export async function runWorkerUntil(
  options: WorkerOptions,
  settings: Settings,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const worker = await Worker.create({
    shutdownGraceTime: '10s',
    shutdownForceTime: '20s',
    ...options,
    interceptors: {
      ...options.interceptors,
      activity: [failureInterceptor(log), ...(options.interceptors?.activity ?? [])],
    },
  });
  const running = worker.run();
  const stop = () => worker.shutdown();
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  await announceReady(settings);
  log.info({ taskQueue: options.taskQueue }, 'takes work');
  try {
    await running;
  } finally {
    await withdrawReady(settings);
  }
}
