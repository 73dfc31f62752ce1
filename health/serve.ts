import type { Logger } from '../config/log.ts';
import type { Settings } from '../config/settings.ts';
import type { Db } from '../db/database.ts';
import type { OperationStarter } from '../temporal/starter.ts';
import { ClockWatch } from './clock.ts';
import { Complaints } from './complaints.ts';
import { runFailover } from './failover.ts';
import { TokenBucket } from './governor.ts';
import { Inbox } from './inbox.ts';
import { serveMetrics } from '../metrics/serve.ts';
import { createHealthMetrics } from './metrics.ts';
import { openReceiver } from './receiver.ts';
import { runWriter } from './writer.ts';

export interface HealthParts {
  readonly settings: Settings;
  /** Key of the heartbeats' HMAC. Secret. */
  readonly heartbeatKey: string;
  readonly db: Db;
  readonly starter: Pick<OperationStarter, 'start'>;
  readonly log: Logger;
}

/** Amphorae whose heartbeats are kept while PostgreSQL is away: some 100 MB when each reports a hundred members. */
const inboxCapacity = 20_000;

/** Receives heartbeats and watches over the amphorae until the signal ends; then writes what has been received. Rejects when a port is taken. */
export async function serveHealth(parts: HealthParts, signal: AbortSignal): Promise<void> {
  const { settings, db, starter, log } = parts;
  const inbox = new Inbox(inboxCapacity);
  const metrics = createHealthMetrics();
  const complaints = new Complaints(log);
  const { healthBindHost: host, healthBindPort: port } = settings;
  const receiver = await openReceiver({ host, port, key: parts.heartbeatKey }, { inbox, metrics, complaints });
  if (settings.metricsPort !== 0) await serveMetrics(metrics.registry, settings.metricsPort, signal);
  log.info({ host, port: receiver.address.port }, 'waiting for heartbeats');
  signal.addEventListener('abort', () => void receiver.close(), { once: true });
  const maxAgeMs = settings.heartbeatIntervalSec * 1000;
  const failover = {
    clock: new ClockWatch(),
    bucket: new TokenBucket(settings.failoverRatePerMinute, settings.failoverBurst, performance.now()),
    breaker: { min: settings.failoverBreakerMin, percent: settings.failoverBreakerPercent },
    heartbeatTimeoutSec: settings.heartbeatTimeoutSec,
    checkIntervalSec: settings.healthCheckIntervalSec,
  };
  await Promise.all([
    runWriter({ db, inbox, metrics, complaints, maxAgeMs }, signal),
    runFailover({ db, starter, metrics, complaints, log, ...failover }, signal),
  ]);
}
