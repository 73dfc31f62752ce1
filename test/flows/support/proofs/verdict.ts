/** What must be true after a flow, however it ended. Each returns what it found wrong, as sentences; nothing when all is well. */
import { setTimeout } from 'node:timers/promises';
import type { OperationRow } from '../../../../db/schema.ts';
import type { Cloud } from '../cloud.ts';
import { operationRow, requestOf } from '../operations.ts';
import { run } from '../run.ts';
import type { Scenario } from '../scenario.ts';
import { emptyPlaces, missingAmphorae, spoiled, unreachable, untold } from '../service.ts';
import { leftovers, strays } from '../slate.ts';
import { amiss, disturbed, statusOf, unsettled } from '../statuses.ts';
import { unsecured } from '../vip.ts';

export type Findings = readonly string[];

/** How long clean-up flows get to take away what a flow left to them. */
const cleanUpLimitMs = 20_000;

async function untilNone(find: () => Promise<Findings>): Promise<Findings> {
  const deadline = Date.now() + cleanUpLimitMs;
  for (;;) {
    const found = await find();
    if (found.length === 0 || Date.now() > deadline) return found;
    await setTimeout(50);
  }
}

/** Nothing without an owner, whether the load balancer lives or not. */
async function unaccounted(cloud: Cloud, id: string, status: string | null): Promise<Findings> {
  const isGone = status === null || status === 'DELETED';
  return untilNone(() => (isGone ? leftovers(cloud, id) : strays(cloud, id)));
}

/** A flow that succeeded: its object is as asked for, everything else as it should be. */
export async function wrongAfterSuccess(cloud: Cloud, scenario: Scenario, operation: OperationRow): Promise<Findings> {
  const { load_balancer_id: id, kind } = operation;
  const status = await statusOf(cloud, id);
  const wanted = kind === 'deleteLoadBalancer' ? 'DELETED' : 'ACTIVE';
  const { state } = await operationRow(cloud.database.db, operation.id);
  return [
    ...(status === wanted ? [] : [`the load balancer is ${status}, not ${wanted}`]),
    ...(state === 'succeeded' ? [] : [`the operation is ${state}`]),
    ...(await amiss(cloud, operation, 'succeeded')),
    ...(await unsettled(cloud, id)),
    ...(await disturbed(cloud, operation, 'succeeded')),
    ...(await unaccounted(cloud, id, status)),
    ...(wanted === 'ACTIVE'
      ? [
          ...(await missingAmphorae(cloud, id, scenario.topology)),
          ...(await untold(cloud, id)),
          ...(await unreachable(cloud, id)),
          ...(await unsecured(cloud, operation, 'succeeded')),
        ]
      : []),
  ];
}

/** A flow that failed: the statuses that Octavia would leave, nothing half made, the reason on record. */
export async function wrongAfterFailure(cloud: Cloud, scenario: Scenario, operation: OperationRow): Promise<Findings> {
  const { load_balancer_id: id } = operation;
  const status = await statusOf(cloud, id);
  const wanted = scenario.failed.loadBalancer;
  const record = await operationRow(cloud.database.db, operation.id);
  // No row stays of a load balancer whose VIP was never shown to anyone: its first step is the one that makes it.
  const mayBeNone = wanted === 'ERROR or none' && record.steps.filter(({ undo }) => !undo).length <= 1;
  const asWanted =
    (mayBeNone && status === null) || (wanted.startsWith('ERROR') ? status === 'ERROR' : status === wanted);
  return [
    ...(asWanted ? [] : [`the load balancer is ${status}, not ${wanted}`]),
    ...(await amiss(cloud, operation, 'failed')),
    ...(record.state === 'failed' ? [] : [`the operation is ${record.state}`]),
    ...(record.reason !== null && record.causes.length > 0 ? [] : ['the operation has no reason']),
    ...(await unsettled(cloud, id)),
    ...(await disturbed(cloud, operation, 'failed')),
    ...(wanted === 'ERROR or none'
      ? await untilNone(() => leftovers(cloud, id).then((left) => left.filter((one) => !isChild(one))))
      : await unaccounted(cloud, id, status)),
    ...(wanted === 'ACTIVE'
      ? [...(await missingAmphorae(cloud, id, scenario.topology)), ...(await unreachable(cloud, id))]
      : []),
    ...(wanted === 'ERROR or none' ? [] : await spoiled(cloud, operation)),
    ...(wanted === 'ERROR or none' || operation.kind === 'deleteLoadBalancer'
      ? []
      : await unsecured(cloud, operation, 'failed')),
    ...(wanted === 'ERROR' && operation.kind !== 'deleteLoadBalancer' ? await emptyPlaces(cloud, id) : []),
  ];
}

/** A load balancer in ERROR keeps its children and the name and password of its VRRP group, as it does in Octavia. */
const isChild = (left: string): boolean =>
  ['listener', 'pool', 'member', 'health monitor', 'VRRP group'].includes(left);

/** Deletes the load balancer through the flow that does it, and returns what even that leaves behind. */
export async function undeletable(cloud: Cloud, id: string): Promise<Findings> {
  const status = await statusOf(cloud, id);
  if (status === null || status === 'DELETED') return untilNone(() => leftovers(cloud, id));
  const { failure } = await run(cloud, await requestOf(cloud.database.db, 'deleteLoadBalancer', id));
  const left = await untilNone(() => leftovers(cloud, id));
  return failure === null ? left : [`delete failed: ${failure}`, ...left];
}
