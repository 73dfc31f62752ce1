import { heartbeatKeyOf } from '../config/heartbeat-key.ts';
import { createLogger } from '../config/log.ts';
import type { Settings } from '../config/settings.ts';
import { openDatabase } from '../db/database.ts';
import { openStarter } from '../temporal/open.ts';
import { openTracing } from '../tracing/open.ts';
import { serveHealth } from './serve.ts';

const connections = 4;
const connectionTimeoutMs = 2_000;

/** Runs the health process until `signal`. Throws InvalidSetting without a heartbeat key, and when a port is taken. */
export async function runHealth(settings: Settings, signal: AbortSignal): Promise<void> {
  const heartbeatKey = await heartbeatKeyOf(settings);
  const log = createLogger('health', settings.logLevel);
  const db = openDatabase({
    url: settings.databaseUrl,
    maxConnections: connections,
    applicationName: 'weir health',
    connectionTimeoutMs,
    onError: (error) => log.warn({ reason: error.message }, 'idle database connection broke'),
  });
  const tracing = await openTracing(settings, 'weir health', log);
  const starter = openStarter(settings, db, log, tracing);
  try {
    await serveHealth({ settings, heartbeatKey, db, starter, log }, signal);
  } finally {
    await starter.close();
    await Promise.all([db.destroy(), tracing?.close()]);
  }
}
