import type { Logger } from '../config/log.ts';
import type { Settings } from '../config/settings.ts';
import type { Db } from '../db/database.ts';
import { unstartedOperations } from '../db/operation.ts';
import type { OperationStarter } from '../temporal/starter.ts';
import type { WorkerMetrics } from './metrics.ts';
import { every } from './periodic.ts';

export interface RelayDependencies {
  readonly db: Db;
  readonly starter: OperationStarter;
  readonly settings: Pick<Settings, 'relayIntervalMs'>;
  readonly log: Logger;
  readonly metrics: Pick<WorkerMetrics, 'relayed'>;
}

const batch = 50;

/** Starts the workflows of operations that were accepted but whose start was lost: the process died, or Temporal was away. */
export function startRelay({ db, starter, settings, log, metrics }: RelayDependencies): () => Promise<void> {
  return every(settings.relayIntervalMs, 'relay', log, async () => {
    const operations = await unstartedOperations(db, settings.relayIntervalMs, batch);
    for (const operation of operations) {
      log.info({ operation: operation.id, kind: operation.kind }, 'relay starts a workflow');
      metrics.relayed.inc();
      await starter.start(operation);
    }
  });
}
