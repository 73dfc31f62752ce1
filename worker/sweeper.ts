import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Logger } from '../config/log.ts';
import type { Settings } from '../config/settings.ts';
import type { Db } from '../db/database.ts';
import { failOperation } from '../db/lifecycle/fail.ts';
import { ownerlessLoadBalancers, releaseOwnerless, reopenOperation, startedOperations } from '../db/lifecycle/sweep.ts';
import type { OperationRow } from '../db/schema.ts';
import { workflowIdOf } from '../model/operation.ts';
import type { WorkerMetrics } from './metrics.ts';
import { every } from './periodic.ts';

export interface SweeperDependencies {
  readonly db: Db;
  readonly client: Client;
  readonly settings: Pick<Settings, 'sweeperIntervalSec'>;
  readonly log: Logger;
  readonly metrics: Pick<WorkerMetrics, 'swept' | 'operationEnded'>;
}

/**
 * Asserts that every row in PENDING_* has an owner that lives: an operation in the outbox, or one whose workflow runs. What
 * it finds is mended and reported as an error, for it should never find anything.
 */
export function startSweeper(deps: SweeperDependencies): () => Promise<void> {
  const { db, settings, log, metrics } = deps;
  const intervalMs = settings.sweeperIntervalSec * 1000;
  return every(intervalMs, 'sweeper', log, async () => {
    for (const operation of await startedOperations(db, intervalMs)) await sweepOperation(deps, operation);
    for (const id of await ownerlessLoadBalancers(db, intervalMs)) {
      metrics.swept.inc({ what: 'ownerless' });
      log.error({ loadBalancer: id }, 'a load balancer was PENDING without an operation; it is in ERROR now');
      await releaseOwnerless(db, id);
    }
  });
}

async function sweepOperation(
  { db, client, log, metrics }: SweeperDependencies,
  operation: OperationRow,
): Promise<void> {
  const workflowId = workflowIdOf({ loadBalancerId: operation.load_balancer_id, sequence: operation.sequence });
  const status = await statusOf(client, workflowId);
  if (status === 'RUNNING') return;
  if (status === null) {
    metrics.swept.inc({ what: 'lost' });
    log.error({ workflow: workflowId }, 'the workflow of a started operation is gone; the relay starts it anew');
    await reopenOperation(db, operation.id);
    return;
  }
  const message = `its workflow ended as ${status} without a result`;
  const ended = await failOperation(db, operation.id, {
    reason: message,
    causes: [{ type: 'WorkflowClosed', message }],
    steps: [],
  });
  // Null when it was closed after it was read: its workflow ended just now, as it should.
  if (ended === null) return;
  metrics.swept.inc({ what: 'closed' });
  log.error(
    { workflow: workflowId, status },
    'a workflow ended without closing its operation; it counts as failed now',
  );
  metrics.operationEnded(ended);
}

async function statusOf(client: Client, workflowId: string): Promise<string | null> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}
