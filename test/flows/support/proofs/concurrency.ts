import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { failOperation } from '../../../../db/lifecycle/fail.ts';
import { lockLoadBalancer } from '../../../../db/operation.ts';
import { deletable, failoverable, mutable } from '../../../../model/status.ts';
import { startOptions } from '../../../../temporal/open.ts';
import type { Cloud } from '../cloud.ts';
import { requestOf } from '../operations.ts';
import { run } from '../run.ts';
import { leftovers } from '../slate.ts';
import { statusOf } from '../statuses.ts';
import type { Trial } from './trial.ts';
import { wrongAfterSuccess, type Findings } from './verdict.ts';

/** P11: while the flow is at a step, starting it once more starts nothing. */
export async function proveExclusion(trial: Trial, step: string): Promise<Findings> {
  const { operation, injector, workflowId, ended } = await trial.start({ step, mode: 'hold' });
  await injector.held;
  const { cloud } = trial;
  const again = await cloud.client.workflow
    .start(operation.kind, startOptions(operation, cloud.settings))
    .then(() => [`${workflowId} was started twice`])
    .catch((error: unknown) => (error instanceof WorkflowExecutionAlreadyStartedError ? [] : [String(error)]));
  injector.letGo();
  const { failure } = await ended();
  return [
    ...again,
    ...(failure === null ? [] : [`failed: ${failure}`]),
    ...(await wrongAfterSuccess(cloud, trial.scenario, operation)),
  ];
}

/** What could be begun on a load balancer that has an operation: nothing may. */
async function admitted(cloud: Cloud, id: string): Promise<Findings> {
  const wishes = { update: mutable, delete: deletable, failover: failoverable };
  const found: string[] = [];
  for (const [wish, from] of Object.entries(wishes)) {
    const lock = await cloud.database.db
      .transaction()
      .execute((tx) => lockLoadBalancer(tx, id, from, 'PENDING_UPDATE'));
    if (!('refused' in lock)) found.push(`${wish} was admitted`);
  }
  return found;
}

/**
 * P11: while the flow is at a step, no other may touch the load balancer. When the step was away, and comes back after its operation was
 * given up and the load balancer was deleted by another, it does nothing, and neither does what follows it.
 */
export async function proveOvertaking(trial: Trial, step: string): Promise<Findings> {
  const { operation, injector, ended } = await trial.start({ step, mode: 'hold' });
  await injector.held;
  const { cloud } = trial;
  const { load_balancer_id: id } = operation;
  const refusals = await admitted(cloud, id);
  await failOperation(cloud.database.db, operation.id, { reason: 'given up', causes: [], steps: [] });
  const before = await statusOf(cloud, id);
  const next =
    before === null || before === 'DELETED'
      ? null
      : (await run(cloud, await requestOf(cloud.database.db, 'deleteLoadBalancer', id))).failure;
  const after = await statusOf(cloud, id);
  injector.letGo();
  const { failure } = await ended();
  return [
    ...refusals,
    ...(next === null ? [] : [`the newer operation failed: ${next}`]),
    ...(failure === null ? ['it succeeded'] : []),
    ...((await statusOf(cloud, id)) === after ? [] : [`the load balancer became ${await statusOf(cloud, id)}`]),
    ...(await leftovers(cloud, id)),
  ];
}
