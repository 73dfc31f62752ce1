import type { Logger } from '../config/log.ts';
import type { Settings } from '../config/settings.ts';
import type { Db } from '../db/database.ts';
import { withdrawCreation } from '../db/lifecycle/withdraw.ts';
import { unansweredCreations, unstartedOperations } from '../db/operation.ts';
import type { OperationStarter } from '../temporal/starter.ts';
import type { WorkerMetrics } from './metrics.ts';
import { every } from './periodic.ts';

export interface RelayDependencies {
  readonly db: Db;
  readonly starter: Pick<OperationStarter, 'start'>;
  readonly settings: Pick<Settings, 'relayIntervalMs'>;
  readonly log: Logger;
  readonly metrics: Pick<WorkerMetrics, 'relayed' | 'withdrawn'>;
}

const batch = 50;
/** Longer than a request waits for the VIP of its load balancer. */
const abandonedAfterMs = 45_000;

/**
 * Starts the workflows of operations that were accepted but whose start was lost: the process died, or Temporal was away.
 * Creations that were answered with a 503, or not at all, are taken back.
 */
export function startRelay({ db, starter, settings, log, metrics }: RelayDependencies): () => Promise<void> {
  return every(settings.relayIntervalMs, 'relay', log, async () => {
    const operations = await unstartedOperations(db, settings.relayIntervalMs, batch);
    for (const operation of operations) {
      if (!(await starter.start(operation))) continue;
      metrics.relayed.inc();
      log.info({ operation: operation.id, kind: operation.kind }, 'relay started a workflow');
    }
    for (const operation of await unansweredCreations(db, abandonedAfterMs, batch)) {
      log.warn({ operation: operation.id }, 'relay takes back a creation that nobody waits for');
      if (await withdrawCreation(db, operation)) metrics.withdrawn.inc();
    }
  });
}
