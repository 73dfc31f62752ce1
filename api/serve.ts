/** Runs the API as a process: opens what it works with, serves, and drains. */
import { once } from 'node:events';
import { createLogger, type Logger } from '../config/log.ts';
import type { Settings } from '../config/settings.ts';
import { openDatabase, type Db } from '../db/database.ts';
import { openNetworkReader } from '../drivers/network/open.ts';
import { processRegistry, serveMetrics } from '../metrics/serve.ts';
import type { Operations } from '../temporal/operations.ts';
import { identifyNobody } from './http/noauth.ts';
import type { Tracing } from '../tracing/contract.ts';
import { tracedDriver } from '../tracing/drivers.ts';
import { openTracing } from '../tracing/open.ts';
import { measureRequests } from './http/metrics.ts';
import { traceRequests } from './http/tracing.ts';
import { buildServer } from './server.ts';

/** Together they keep the answer to a request within two seconds when PostgreSQL is gone, ms. */
const connectionTimeoutMs = 1_500;
const queryTimeoutMs = 1_800;

type OpenOperations = (settings: Settings, db: Db, log: Logger, tracing: Tracing | undefined) => Operations;

/** Serves until `signal`; resolves when the requests at hand are answered. Throws when the address is not to be had. */
export async function serveApi(settings: Settings, signal: AbortSignal, openOperations: OpenOperations): Promise<void> {
  const log = createLogger('api', settings.logLevel);
  const db = openDatabase({
    url: settings.databaseUrl,
    maxConnections: settings.databasePool,
    applicationName: 'weir api',
    connectionTimeoutMs,
    queryTimeoutMs,
    onError: (error) => log.warn({ err: error }, 'an idle database connection broke'),
  });
  const tracing = await openTracing(settings, 'weir api', log);
  const operations = openOperations(settings, db, log, tracing);
  const registry = processRegistry();
  const observers = [measureRequests(registry), ...(tracing === undefined ? [] : [traceRequests(tracing)])];
  const dependencies = {
    db,
    starter: operations.starter,
    reader: operations.reader,
    network: tracedDriver(tracing, 'network', openNetworkReader(settings, db)),
    identify: identifyNobody,
    settings,
    log,
  };
  const server = buildServer(dependencies, observers);
  if (settings.metricsPort !== 0) await serveMetrics(registry, settings.metricsPort, signal);
  try {
    const address = await server.listen({ host: settings.apiHost, port: settings.apiPort });
    log.info({ address }, 'serving');
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await server.close();
    await operations.close();
    await Promise.all([db.destroy(), tracing?.close()]);
  }
}
