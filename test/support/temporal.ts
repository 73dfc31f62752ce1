import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { until } from '../../cli/process/until.ts';
import { createLogger } from '../../config/log.ts';
import { ensureSearchAttributes } from '../../temporal/search-attributes.ts';
import { searchAttributes } from '../../workflows/search-attributes.ts';
import { askForServer } from './servers.ts';

export interface TestTemporalAddress {
  /** host:port, as WEIR_TEMPORAL_ADDRESS takes it. */
  readonly address: string;
  readonly namespace: string;
}

/**
 * The run's Temporal server. Test files share it: take a task queue of your own (`weir-${randomUUID()}`), and ids of your own
 * for workflows.
 */
export function testTemporal(): Promise<TestTemporalAddress> {
  return askForServer<TestTemporalAddress>('temporal');
}

/** A namespace of the run's server that no other file's workflows are in, for tests of what looks at all there are. */
export async function ownNamespace(): Promise<TestTemporalAddress> {
  const { address } = await testTemporal();
  const namespace = `weir-${randomUUID()}`;
  const connection = await Connection.connect({ address });
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs('1 day'),
    });
    if ((await until(() => knowsOurs(connection, namespace), 60_000, 200)) !== true)
      throw new Error(`namespace ${namespace} does not come`);
    return { address, namespace };
  } finally {
    await connection.close();
  }
}

/** A new namespace is known everywhere after a moment. */
async function knowsOurs(connection: Connection, namespace: string): Promise<boolean> {
  await ensureSearchAttributes(new Client({ connection, namespace }), namespace, createLogger('test', 'silent'));
  const { customAttributes } = await connection.operatorService
    .listSearchAttributes({ namespace })
    .catch(() => ({ customAttributes: {} }));
  return searchAttributes.every(({ name }) => name in customAttributes);
}
