import { createServer, type AddressInfo } from 'node:net';
import type { TelemetryOptions } from '@temporalio/worker';
import type { MetricsSource } from '../metrics/serve.ts';

/** Seconds. The SDK's own begin at 50 ms; whole edits are done in less. */
const latencyBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const latencies = [
  'workflow_task_schedule_to_start_latency',
  'workflow_task_execution_latency',
  'workflow_task_replay_latency',
  'workflow_endtoend_latency',
  'activity_schedule_to_start_latency',
  'activity_execution_latency',
  'activity_succeed_endtoend_latency',
  'local_activity_execution_latency',
  'local_activity_succeed_endtoend_latency',
  'request_latency',
];
const limitMs = 1_000;

/** Tries `install` with addresses that only this machine reaches until one is to be had; somebody may be faster than we are. */
export async function onLoopback<T>(install: (bindAddress: string) => T, attempts = 5): Promise<T> {
  const bindAddress = `127.0.0.1:${await freePort()}`;
  try {
    return install(bindAddress);
  } catch (error) {
    if (attempts <= 1) throw error;
    return onLoopback(install, attempts - 1);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Makes the SDK serve what it measures, in Prometheus' units, under this address. */
export function sdkTelemetry(bindAddress: string): TelemetryOptions {
  return {
    metrics: {
      prometheus: {
        bindAddress,
        countersTotalSuffix: true,
        unitSuffix: true,
        useSecondsForDurations: true,
        histogramBucketOverrides: Object.fromEntries(latencies.map((name) => [name, latencyBuckets])),
      },
      attachServiceName: false,
    },
  };
}

/** What the SDK measures: `temporal_…`. Rejects when it cannot be had within a second. */
export function sdkMetrics(bindAddress: string): MetricsSource {
  return async () => {
    const response = await fetch(`http://${bindAddress}/metrics`, { signal: AbortSignal.timeout(limitMs) });
    return response.text();
  };
}
