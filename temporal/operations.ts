import type { Client } from '@temporalio/client';
import type { Logger } from '../config/log.ts';
import type { Settings } from '../config/settings.ts';
import type { Db } from '../db/database.ts';
import type { OperationRow } from '../db/schema.ts';
import { workflowIdOf, type StepNow } from '../model/operation.ts';
import type { Tracing } from '../tracing/contract.ts';
import { openTemporalClient } from './client.ts';
import { TemporalStarter } from './open.ts';
import type { OperationReader } from './reader.ts';
import type { OperationStarter } from './starter.ts';

/** As long as a client waits for what it can do without. */
const queryDeadlineMs = 500;

/** Asks workflows through a Temporal client; a worker must be there to answer. */
export class TemporalReader implements OperationReader {
  readonly #client: Client;
  readonly #log: Logger;

  constructor(client: Client, log: Logger) {
    this.#client = client;
    this.#log = log;
  }

  async steps({ id, load_balancer_id: loadBalancerId, sequence }: OperationRow): Promise<readonly StepNow[]> {
    const workflow = this.#client.workflow.getHandle(workflowIdOf({ loadBalancerId, sequence }));
    try {
      return await this.#client.withDeadline(Date.now() + queryDeadlineMs, () =>
        workflow.query<readonly StepNow[]>('steps'),
      );
    } catch (error) {
      this.#log.debug({ err: error, operation: id }, 'steps of a running operation not known');
      return [];
    }
  }
}

export interface Operations {
  readonly starter: OperationStarter;
  readonly reader: OperationReader;
  close(): Promise<void>;
}

/** Both ways to workflows, with one client. */
export function openOperations(settings: Settings, db: Db, log: Logger, tracing?: Tracing): Operations {
  const client = openTemporalClient(settings, tracing);
  return {
    starter: new TemporalStarter(client, db, settings, log),
    reader: new TemporalReader(client, log),
    close: () => client.connection.close(),
  };
}
