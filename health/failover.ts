/** Looks for amphorae that have gone silent and has them replaced (Octavia: controller/healthmanager/health_manager.py). */
import type { Logger } from '../config/log.ts';
import {
  census,
  databaseClockMs,
  lockLostAmphora,
  markHealthBusy,
  recallFutureSightings,
  resumeFailovers,
  stopFailovers,
  type Census,
} from '../db/amphora-health.ts';
import type { Db } from '../db/database.ts';
import { lockLoadBalancer, openOperation } from '../db/operation.ts';
import type { OperationRow } from '../db/schema.ts';
import { failoverable } from '../model/status.ts';
import type { OperationStarter } from '../temporal/starter.ts';
import { ClockSet, type ClockWatch } from './clock.ts';
import type { Complaints } from './complaints.ts';
import { isCorrelatedLoss, type BreakerLimits, type TokenBucket } from './governor.ts';
import type { HealthMetrics } from './metrics.ts';
import { pause } from './writer.ts';

export interface FailoverParts {
  readonly db: Db;
  readonly starter: Pick<OperationStarter, 'start'>;
  readonly metrics: Pick<HealthMetrics, 'failovers' | 'amphorae' | 'breakerOpen'>;
  readonly complaints: Complaints;
  /** Of the database's clock. */
  readonly clock: ClockWatch;
  readonly log: Logger;
  readonly bucket: TokenBucket;
  readonly breaker: BreakerLimits;
  /** Seconds of silence after which an amphora is stale. */
  readonly heartbeatTimeoutSec: number;
  readonly checkIntervalSec: number;
}

/** Throws ClockSet when the clock was set since the last time. What was read before, by that clock, then says nothing. */
async function trustClock({ clock }: FailoverParts, db: Db): Promise<void> {
  if (clock.jumped(await databaseClockMs(db), performance.now()))
    throw new ClockSet('the clock of the database was set');
}

/** The intent, the lock and the operation in one transaction; null when no lost amphora can be failed over now. */
function openFailover(parts: FailoverParts): Promise<OperationRow | null> {
  return parts.db.transaction().execute(async (tx) => {
    const lost = await lockLostAmphora(tx, parts.heartbeatTimeoutSec);
    if (lost === null) return null;
    await trustClock(parts, tx);
    const lock = await lockLoadBalancer(tx, lost.loadBalancerId, failoverable, 'PENDING_UPDATE');
    if ('refused' in lock) return null;
    await markHealthBusy(tx, lost.amphoraId);
    return openOperation(tx, {
      kind: 'failoverAmphora',
      loadBalancerId: lost.loadBalancerId,
      resourceType: 'amphora',
      resourceId: lost.amphoraId,
      resourceName: '',
      projectId: lock.row.project_id,
      userId: null,
      requestId: null,
    });
  });
}

async function failOverLost(parts: FailoverParts): Promise<number> {
  let begun = 0;
  while (parts.bucket.available(performance.now()) > 0) {
    const operation = await openFailover(parts);
    if (operation === null) break;
    parts.bucket.take();
    begun += 1;
    parts.metrics.failovers.inc();
    const { resource_id: amphoraId, load_balancer_id: loadBalancerId } = operation;
    parts.log.warn({ amphoraId, loadBalancerId, operationId: operation.id }, 'amphora is lost: failing it over');
    await parts.starter.start(operation);
  }
  return begun;
}

function report({ metrics, complaints }: FailoverParts, { known, stale, neverHeardOf }: Census): void {
  metrics.amphorae.set({ state: 'known' }, known);
  metrics.amphorae.set({ state: 'stale' }, stale);
  metrics.amphorae.set({ state: 'never_heard_of' }, neverHeardOf);
  if (neverHeardOf === 0) return;
  // A new amphora would be as silent: the key, the controllers' addresses or a firewall is wrong.
  complaints.note('amphorae in service were never heard of: check heartbeat key, controllers and firewall', {
    neverHeardOf,
  });
}

/** One look. Returns how many failovers it began. Throws ClockSet. */
export async function checkAmphorae(parts: FailoverParts): Promise<number> {
  await recallFutureSightings(parts.db);
  const resumed = await resumeFailovers(parts.db, parts.heartbeatTimeoutSec);
  if (resumed > 0) parts.log.info({ resumed }, 'amphorae are heard of again');
  const counts = await census(parts.db, parts.heartbeatTimeoutSec);
  await trustClock(parts, parts.db);
  report(parts, counts);
  const tripped = isCorrelatedLoss(counts, parts.breaker);
  parts.metrics.breakerOpen.set(tripped ? 1 : 0);
  if (tripped) {
    await stopFailovers(parts.db, parts.heartbeatTimeoutSec);
    parts.complaints.note('too many amphorae are silent at once: none is failed over', { ...counts });
    return 0;
  }
  if (counts.stale === 0) return 0;
  const begun = await failOverLost(parts);
  if (begun < counts.stale) parts.complaints.note('lost amphorae wait for their failover', { ...counts, begun });
  return begun;
}

/**
 * Looks every `checkIntervalSec` until the signal ends. After a start, after PostgreSQL was away, and after its clock was set,
 * amphorae first get `heartbeatTimeoutSec` to report: the silence was ours, or is none.
 */
export async function runFailover(parts: FailoverParts, signal: AbortSignal): Promise<void> {
  const grace = (): Promise<void> => pause(parts.heartbeatTimeoutSec * 1000, signal);
  // The clocks are compared from the beginning: one that is set during the first grace is noticed after it.
  await trustClock(parts, parts.db).catch(() => undefined);
  await grace();
  let away = false;
  while (!signal.aborted) {
    try {
      if (away) {
        await census(parts.db, parts.heartbeatTimeoutSec);
        away = false;
        await grace();
        continue;
      }
      await checkAmphorae(parts);
    } catch (error) {
      if (error instanceof ClockSet) {
        parts.complaints.note('the clock of the database was set: amphorae first get the time to report', {});
        await grace();
        continue;
      }
      away = true;
      parts.complaints.note('cannot look for lost amphorae', { reason: (error as Error).message });
    }
    await pause(parts.checkIntervalSec * 1000, signal);
  }
}
