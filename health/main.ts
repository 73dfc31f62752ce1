import { heartbeatKeyOf } from '../config/heartbeat-key.ts';
import { createLogger } from '../config/log.ts';
import type { Settings } from '../config/settings.ts';
import { openDatabase } from '../db/database.ts';
import type { OperationStarter } from '../temporal/starter.ts';
import { serveHealth } from './serve.ts';

const connections = 4;
const connectionTimeoutMs = 2_000;

/** Leaves an operation in the outbox, where the relay of a worker finds it within a second or two; it took a minute to know. */
const outboxOnly: Pick<OperationStarter, 'start'> = { start: () => Promise.resolve() };

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
  try {
    await serveHealth({ settings, heartbeatKey, db, starter: outboxOnly, log }, signal);
  } finally {
    await db.destroy();
  }
}
