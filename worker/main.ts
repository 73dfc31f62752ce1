import { createControlActivities, createMachineActivities } from '../activities/activities.ts';
import { createLogger } from '../config/log.ts';
import type { Settings } from '../config/settings.ts';
import { openTemporalClient } from '../temporal/client.ts';
import { TemporalStarter } from '../temporal/open.ts';
import { ensureSearchAttributes } from '../temporal/search-attributes.ts';
import { openTracing } from '../tracing/open.ts';
import { openDependencies } from './dependencies.ts';
import { openRollout } from './deployment/open.ts';
import { closeSoon } from './drain.ts';
import { fenceInterceptor } from './fence.ts';
import { registerGauges } from './gauges.ts';
import { serveMetrics } from '../metrics/serve.ts';
import { createWorkerMetrics } from './metrics.ts';
import { startRelay } from './relay.ts';
import { connect, installRuntime, runWorkerUntil } from './runtime.ts';
import { requireSecretKey } from './secret-key.ts';
import { startSweeper } from './sweeper.ts';
import { traced } from './tracing.ts';

/** Runs the control plane's worker, with the relay and the sweeper beside it, until `signal`. */
export async function runWorker(settings: Settings, signal: AbortSignal): Promise<void> {
  const log = createLogger('worker', settings.logLevel);
  const tracing = await openTracing(settings, 'weir worker', log);
  const deps = await openDependencies(settings, 'weir worker', log, tracing);
  await requireSecretKey(deps, log, signal);
  const { db } = deps;
  const metrics = createWorkerMetrics();
  const client = openTemporalClient(settings, tracing);
  registerGauges(metrics.registry, db, client);
  const sources = await installRuntime(log, settings.metricsPort !== 0);
  if (settings.metricsPort !== 0) await serveMetrics(metrics.registry, settings.metricsPort, signal, sources);
  const connection = await connect(settings, log, signal);
  if (connection === null) return;
  await ensureSearchAttributes(client, settings.temporalNamespace, log);
  const starter = new TemporalStarter(client, db, settings, log);
  const stops = [
    startRelay({ db, starter, settings, log, metrics }),
    startSweeper({ db, client, settings, log, metrics }),
  ];
  const activities = {
    ...createControlActivities({ ...deps, operationEnded: metrics.operationEnded }),
    ...(settings.computeDriver !== 'host' && createMachineActivities(deps)),
  };
  const { temporalNamespace: namespace, taskQueue } = settings;
  const interceptors = { activity: [fenceInterceptor(db)] };
  const rollout = await openRollout({ client, settings, log, registry: metrics.registry, signal });
  const options = { connection, namespace, taskQueue, ...rollout.options, activities, interceptors };
  await runWorkerUntil(traced(options, tracing), settings, log, signal, rollout.settled);
  await closeSoon(async () => {
    await Promise.all([rollout.stop(), ...stops.map((stop) => stop())]);
    await Promise.allSettled([client.connection.close(), connection.close(), db.destroy(), tracing?.close()]);
  });
}
