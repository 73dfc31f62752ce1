import type { Client } from '@temporalio/client';
import type { Registry } from 'prom-client';
import type { Db } from '../db/database.ts';
import { countOpenOperations, oldestOpenOperationSec } from '../db/open-operations.ts';
import { CleanUp } from '../workflows/search-attributes.ts';
import { askedGauge } from '../metrics/asked.ts';

/** What the database and Temporal know of the work that is under way. Every worker shows the same. */
export function registerGauges(registry: Registry, db: Db, client: Client): void {
  askedGauge(registry, { name: 'weir_operations_open', help: 'Operations that have not ended.' }, () =>
    countOpenOperations(db),
  );
  askedGauge(
    registry,
    {
      name: 'weir_operation_oldest_open_age_seconds',
      help: 'Time since the oldest operation that has not ended was asked for.',
    },
    () => oldestOpenOperationSec(db),
  );
  askedGauge(
    registry,
    { name: 'weir_clean_ups_open', help: 'Clean-up flows that run: what a failed flow could not take back in time.' },
    () => countRunning(client, "WorkflowType = 'cleanUp'"),
  );
  askedGauge(registry, { name: 'weir_clean_ups_stuck', help: 'Those of them that wait for an operator.' }, () =>
    countRunning(client, `${CleanUp.name} = 'stuck'`),
  );
}

/** As of a second or so ago: Temporal's visibility lags. */
async function countRunning(client: Client, query: string): Promise<number> {
  const { count } = await client.workflow.count(`${query} AND ExecutionStatus = 'Running'`);
  return count;
}
