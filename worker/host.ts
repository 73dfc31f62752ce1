import { hostname, totalmem } from 'node:os';
import { createMachineActivities } from '../activities/activities.ts';
import { hostTaskQueue } from '../activities/placement.ts';
import { createLogger } from '../config/log.ts';
import type { Settings } from '../config/settings.ts';
import { reportHost } from '../db/lifecycle/host.ts';
import { processRegistry, serveMetrics } from '../metrics/serve.ts';
import { openTracing } from '../tracing/open.ts';
import { openDependencies } from './dependencies.ts';
import { closeSoon } from './drain.ts';
import { fenceInterceptor } from './fence.ts';
import { every } from './periodic.ts';
import { connect, installRuntime, runWorkerUntil } from './runtime.ts';
import { requireSecretKey } from './secret-key.ts';
import { traced } from './tracing.ts';

const bytesPerMb = 1024 * 1024;

/** Runs the worker of a compute host: the machines of amphorae, on this host's own task queue, until `signal`. */
export async function runHost(settings: Settings, signal: AbortSignal): Promise<void> {
  const name = settings.hostName === '' ? hostname() : settings.hostName;
  const log = createLogger('host', settings.logLevel);
  const tracing = await openTracing(settings, 'weir host', log);
  const deps = await openDependencies(settings, `weir host ${name}`, log, tracing);
  await requireSecretKey(deps, log, signal);
  const sources = await installRuntime(log, settings.metricsPort !== 0);
  if (settings.metricsPort !== 0) await serveMetrics(processRegistry(), settings.metricsPort, signal, sources);
  const connection = await connect(settings, log, signal);
  if (connection === null) return;
  const memoryMb = Math.floor(totalmem() / bytesPerMb);
  const reportMs = (settings.hostDownSec * 1000) / 6;
  await reportHost(deps.db, name, memoryMb);
  const stopReports = every(reportMs, 'host report', log, () => reportHost(deps.db, name, memoryMb));
  const taskQueue = hostTaskQueue(name);
  const activities = createMachineActivities(deps);
  const interceptors = { activity: [fenceInterceptor(deps.db)] };
  const options = { connection, namespace: settings.temporalNamespace, taskQueue, activities, interceptors };
  await runWorkerUntil(traced(options, tracing), settings, log, signal);
  await closeSoon(async () => {
    await stopReports();
    await Promise.allSettled([connection.close(), deps.db.destroy(), tracing?.close()]);
  });
}
