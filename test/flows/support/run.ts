import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { sql } from 'kysely';
import type { OperationRow } from '../../../db/schema.ts';
import { defaultRetries, type RetrySettings } from '../../../model/retries.ts';
import { startOptions } from '../../../temporal/open.ts';
import { reasonOf } from '../../../workflows/failure.ts';
import type { Cloud } from './cloud.ts';
import { Injector, type Fault } from './injector.ts';
import { Names } from './names.ts';

export interface Ending {
  /** The steps that ran, in the order in which they began. */
  readonly steps: readonly string[];
  /** Those that began after the fault. */
  readonly later: readonly string[];
  /** Why the workflow failed; null when it did not. */
  readonly failure: string | null;
  readonly cancelled: boolean;
}

/** A workflow that was started and may be under an injector's hand. */
export interface Started {
  readonly workflowId: string;
  readonly injector: Injector;
  readonly ended: () => Promise<Ending>;
}

export interface Circumstances {
  /** What goes wrong in one of its steps. */
  readonly fault?: Fault;
  readonly slowNetwork?: boolean;
  /** Another worker's queue than the cloud's own. */
  readonly taskQueue?: string;
  /** How its steps are tried, if not as the cloud's settings say. */
  readonly retries?: RetrySettings;
  /** How soon Temporal gives a turn of the workflow to another worker, ms. */
  readonly turnLostAfterMs?: number;
}

const hastily = { attempts: 2, intervalMs: 20, tryLimitMs: 1_000 } as const;
/** Where a step fails for good only after its last try. */
const hasty: RetrySettings = {
  ...defaultRetries,
  networking: { ...defaultRetries.networking, ...hastily },
  compute: { ...defaultRetries.compute, ...hastily },
  boot: { ...defaultRetries.boot, ...hastily },
  agentWait: { ...defaultRetries.agentWait, ...hastily },
  amphora: { ...defaultRetries.amphora, ...hastily },
  amphoraFailover: { ...defaultRetries.amphoraFailover, ...hastily },
};

/** A step that is cancelled hears of it with a heartbeat, and Temporal's library sends one in each four fifths of this time. */
const attentive: RetrySettings = { ...defaultRetries, workerLostAfterMs: 3_000 };

function retriesFor(fault: Fault | undefined): RetrySettings | undefined {
  if (fault?.mode === 'obey') return attentive;
  return fault?.mode === 'refuse' || fault?.mode === 'hang' ? hasty : undefined;
}

/** Starts the workflow of an operation. */
export async function start(
  cloud: Cloud,
  operation: OperationRow,
  {
    fault,
    slowNetwork = false,
    taskQueue = cloud.taskQueue,
    turnLostAfterMs,
    retries = retriesFor(fault),
  }: Circumstances = {},
  beforehand: (workflowId: string) => void = () => undefined,
): Promise<Started> {
  const options = startOptions(operation, { ...cloud.settings, taskQueue });
  const args = options.args.map((input) => ({
    ...input,
    quickNetwork: input.quickNetwork && !slowNetwork,
    ...(retries !== undefined && { retries }),
  }));
  const injector = new Injector(await namesOf(cloud, operation), fault);
  cloud.injectors.set(options.workflowId, injector);
  beforehand(options.workflowId);
  const handle = await cloud.client.workflow.start(operation.kind, {
    ...options,
    args,
    ...(turnLostAfterMs !== undefined && { workflowTaskTimeout: turnLostAfterMs }),
  });
  return { workflowId: options.workflowId, injector, ended: () => ended(handle, injector, fault) };
}

/** Throws when the fault never came: what looks like a proof then shows nothing. */
async function ended(handle: WorkflowHandle, injector: Injector, fault: Fault | undefined): Promise<Ending> {
  const error = await handle.result().then(
    () => null,
    (failure: unknown) => failure,
  );
  const { steps, later, fired } = injector;
  if (fault !== undefined && !fired)
    throw new Error(`${handle.workflowId} took no step ${fault.step}: ${steps.join(', ')}`);
  const cancelled = error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure;
  return { steps, later, failure: error === null ? null : reasonOf(error), cancelled };
}

/** Runs the workflow of an operation to its end. */
export async function run(cloud: Cloud, operation: OperationRow, circumstances?: Circumstances): Promise<Ending> {
  return (await start(cloud, operation, circumstances)).ended();
}

/** What is there before the flow begins has its name already. */
async function namesOf(cloud: Cloud, operation: OperationRow): Promise<Names> {
  const { load_balancer_id: id } = operation;
  const { rows } = await sql<{ id: string; name: string }>`
    select id, 'old ' || lower(role) as name from amphora where load_balancer_id = ${id}
    union all select m.network_id, 'member network' from amphora_member_port m join amphora a on a.id = m.amphora_id
      where a.load_balancer_id = ${id}
  `.execute(cloud.database.db);
  return new Names({
    [operation.resource_id]: 'resource',
    [id]: 'load balancer',
    [operation.id]: 'operation',
    ...Object.fromEntries(rows.map((row) => [row.id, row.name])),
  });
}
