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
import { workerHeartbeatMs } from './deployment/at-work.ts';
import { drainTimes, handOverInterceptor, untilDrained } from './drain.ts';
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
      workerHeartbeatInterval: workerHeartbeatMs,
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

/** Runs a worker until `signal`, then drains it (drain.ts). It says that it takes work once `reachable` resolves. */
export async function runWorkerUntil(
  options: WorkerOptions,
  settings: Settings,
  log: Logger,
  signal: AbortSignal,
  reachable: Promise<void> = Promise.resolve(),
): Promise<void> {
  const worker = await Worker.create({
    ...drainTimes(settings),
    ...options,
    interceptors: {
      ...options.interceptors,
      activity: [failureInterceptor(log, settings), ...(options.interceptors?.activity ?? []), handOverInterceptor],
    },
  });
  const running = untilDrained(worker.run(), log, signal);
  const stop = (): void => {
    log.info('told to stop; steps that run may finish');
    worker.shutdown();
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([reachable, running]);
    if (!signal.aborted) await announceReady(settings);
    log.info({ taskQueue: options.taskQueue }, 'takes work');
    await running;
  } finally {
    await withdrawReady(settings);
  }
}
