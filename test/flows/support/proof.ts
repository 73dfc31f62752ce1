/** The proofs that every flow must stand. Each returns what it found wrong, as sentences; nothing when all is well. */
import { setTimeout } from 'node:timers/promises';
import type { OperationRow } from '../../../db/schema.ts';
import type { Cloud } from './cloud.ts';
import type { Fault } from './injector.ts';
import { requestOf } from './operations.ts';
import { run, type Ending } from './run.ts';
import type { Scenario } from './scenario.ts';
import { leftovers, statusOf, unsettled } from './slate.ts';

type Findings = readonly string[];

/** Deletes what a run left, through the flow that does it, and returns what even that leaves behind once clean-up flows are done. */
async function deleteAll(cloud: Cloud, loadBalancerId: string): Promise<Findings> {
  const status = await statusOf(cloud, loadBalancerId);
  if (status === null || status === 'DELETED') return lastLeftovers(cloud, loadBalancerId);
  const { failure } = await run(cloud, await requestOf(cloud.database.db, 'deleteLoadBalancer', loadBalancerId));
  const left = await lastLeftovers(cloud, loadBalancerId);
  return failure === null ? left : [`delete failed: ${failure}`, ...left];
}

const cleanUpLimitMs = 20_000;

/** What is left after all clean-up flows had their time. */
async function lastLeftovers(cloud: Cloud, loadBalancerId: string): Promise<Findings> {
  const deadline = Date.now() + cleanUpLimitMs;
  for (;;) {
    const left = await leftovers(cloud, loadBalancerId);
    if (left.length === 0 || Date.now() > deadline) return left;
    await setTimeout(100);
  }
}

async function childStatus(cloud: Cloud, { failed }: Scenario, operation: OperationRow): Promise<string | undefined> {
  if (failed.child === undefined) return undefined;
  const row = await cloud.database.db
    .selectFrom(failed.child)
    .select('provisioning_status')
    .where('id', '=', operation.resource_id)
    .executeTakeFirst();
  return row?.provisioning_status;
}

/** The statuses that a failed flow must leave. */
async function wrongStatuses(cloud: Cloud, scenario: Scenario, operation: OperationRow): Promise<Findings> {
  const status = await statusOf(cloud, operation.load_balancer_id);
  const child = await childStatus(cloud, scenario, operation);
  const wanted = scenario.failed.loadBalancer;
  const asWanted = wanted === 'ERROR or none' ? status === 'ERROR' || status === null : status === wanted;
  const left = wanted === 'ERROR or none' ? await leftovers(cloud, operation.load_balancer_id) : [];
  return [
    ...(asWanted ? [] : [`the load balancer is ${status}, not ${wanted}`]),
    ...(scenario.failed.child === undefined || child === 'ERROR' ? [] : [`the ${scenario.failed.child} is ${child}`]),
    ...left,
  ];
}

async function runOnce(
  cloud: Cloud,
  scenario: Scenario,
  fault?: Fault,
): Promise<{ ending: Ending; operation: OperationRow }> {
  const operation = await scenario.prepare(cloud);
  return { operation, ending: await run(cloud, operation, fault) };
}

/** P0, P1: the flow succeeds and what it built can be deleted without a trace. Returns its steps too. */
export async function proveSuccess(
  cloud: Cloud,
  scenario: Scenario,
): Promise<{ steps: readonly string[]; findings: Findings }> {
  const { ending, operation } = await runOnce(cloud, scenario);
  const findings = [
    ...(ending.failure === null ? [] : [`failed: ${ending.failure}`]),
    ...(await unsettled(cloud, operation.load_balancer_id)),
    ...(await deleteAll(cloud, operation.load_balancer_id)),
  ];
  return { steps: ending.steps, findings };
}

/**
 * P2, P3: a step fails, before or after its effect. The flow fails there, ends in the right statuses, and nothing leaks. Where
 * the flow hands such a failure over, it succeeds, and the clean-up flow leaves nothing; when only the answer to its last step was
 * lost, it has succeeded.
 */
export async function proveUnwinding(cloud: Cloud, scenario: Scenario, fault: Fault): Promise<Findings> {
  const { ending, operation } = await runOnce(cloud, scenario, fault);
  const step = ending.steps[fault.at] ?? 'no step';
  const handedOver =
    scenario.handsOver?.includes(step) === true || (step === 'completeOperation' && fault.mode === 'after');
  const findings = [
    ...(handedOver ? await notInService(cloud, ending, operation) : failedElsewhere(ending, step)),
    ...(await unsettled(cloud, operation.load_balancer_id)),
    ...(handedOver ? [] : await wrongStatuses(cloud, scenario, operation)),
    ...(await deleteAll(cloud, operation.load_balancer_id)),
  ];
  return findings.map((finding) => `${fault.mode} step ${fault.at}, ${step}: ${finding}`);
}

function failedElsewhere({ failure }: Ending, step: string): Findings {
  return failure?.includes(`injected into ${step}`) === true ? [] : [`failed otherwise: ${failure}`];
}

async function notInService(cloud: Cloud, { failure }: Ending, operation: OperationRow): Promise<Findings> {
  const status = await statusOf(cloud, operation.load_balancer_id);
  const wanted = operation.kind === 'deleteLoadBalancer' ? 'DELETED' : 'ACTIVE';
  return failure === null && status === wanted ? [] : [`the load balancer is ${status}, after ${failure}`];
}

/** P5: a step runs twice, as after a lost answer. The flow succeeds and the step has had one effect. */
export async function proveIdempotence(cloud: Cloud, scenario: Scenario, at: number): Promise<Findings> {
  const { ending, operation } = await runOnce(cloud, scenario, { at, mode: 'repeat' });
  const machines = cloud.world.machinesOf(operation.load_balancer_id).length;
  const findings = [
    ...(ending.failure === null ? [] : [`failed: ${ending.failure}`]),
    ...(machines <= 2 ? [] : [`${machines} machines`]),
    ...(await unsettled(cloud, operation.load_balancer_id)),
    ...(await deleteAll(cloud, operation.load_balancer_id)),
  ];
  return findings.map((finding) => `step ${at}, ${ending.steps[at]}, twice: ${finding}`);
}
