import type { OperationRow } from '../../../../db/schema.ts';
import type { Fault } from '../injector.ts';
import type { Ending } from '../run.ts';
import { activityOf, type Trial } from './trial.ts';
import { undeletable, wrongAfterFailure, wrongAfterSuccess, type Findings } from './verdict.ts';

/**
 * P2, P3, P4: a step fails, before its effect or after it. The flow fails at that step, ends in the right statuses, and nothing
 * leaks; with `thenTwice`, though everything that it takes back is taken back twice. Where the flow hands such a failure
 * over it succeeds, and the clean-up flow leaves nothing; when only the answer to its last step was lost, it has succeeded.
 * Returns the steps that were undone too.
 */
export async function proveUnwinding(
  trial: Trial,
  fault: Fault & { readonly mode: 'before' | 'after' },
): Promise<{ readonly findings: Findings; readonly undone: readonly string[] }> {
  const { ending, operation } = await trial.run(fault);
  // One deletion for each step is enough: what it would find after the others, the verdict finds.
  const deleted = fault.mode === 'after' && fault.thenTwice !== true;
  const findings = [
    ...(await verdict(trial, fault, ending, operation)),
    ...(deleted ? await undeletable(trial.cloud, operation.load_balancer_id) : []),
  ];
  // A flow that goes on takes nothing back.
  const undone = ending.failure === null ? [] : ending.later.filter((step) => !closing.has(activityOf(step)));
  return { findings, undone };
}

/** What a flow that fails does besides its undos. */
export const closing: ReadonlySet<string> = new Set(['hasSucceeded', 'failOperation']);

async function verdict(trial: Trial, fault: Fault, ending: Ending, operation: OperationRow): Promise<Findings> {
  const { cloud, scenario } = trial;
  const activity = activityOf(fault.step);
  const survives =
    scenario.handsOver.includes(activity) || (activity === 'completeOperation' && fault.mode === 'after');
  if (!survives)
    return [...failedElsewhere(ending, fault.step), ...(await wrongAfterFailure(cloud, scenario, operation))];
  return [
    ...(ending.failure === null ? [] : [`failed: ${ending.failure}`]),
    ...(await wrongAfterSuccess(cloud, scenario, operation)),
  ];
}

/** The latest step whose failure calls undos, and those undos. Throws when no step of the flow has any. */
export async function lastUnwinding(
  trial: Trial,
  steps: readonly string[],
): Promise<{ readonly failing: string; readonly undone: readonly string[] }> {
  for (const failing of steps.toReversed()) {
    const { undone } = await proveUnwinding(trial, { step: failing, mode: 'before' });
    // What ran beside the step that failed is none.
    const undos = undone.filter((step) => !steps.includes(step));
    if (undos.length > 0) return { failing, undone: undos };
  }
  throw new Error('no step of this flow has an undo');
}

function failedElsewhere({ failure }: Ending, step: string): Findings {
  return failure?.includes(`injected into ${step}`) === true ? [] : [`failed otherwise: ${failure}`];
}

/**
 * P6: a step fails and one of the undos then fails for good. The load balancer is in ERROR, or as the failure wants it, at
 * once, both failures are on record, and the clean-up flow takes away the rest.
 */
export async function proveStuckUndo(trial: Trial, step: string, undo: string): Promise<Findings> {
  const { ending, operation } = await trial.run({ step, mode: 'after', thenStuck: undo });
  const { reason } = await trial.cloud.database.db
    .selectFrom('operation')
    .select('reason')
    .where('id', '=', operation.id)
    .executeTakeFirstOrThrow();
  const says = (text: string): Findings => (reason?.includes(text) === true ? [] : [`"${text}" is not in: ${reason}`]);
  return [
    ...failedElsewhere(ending, step),
    ...says(`injected into ${step}`),
    ...says(`stuck in ${undo}`),
    ...(await wrongAfterFailure(trial.cloud, trial.scenario, operation)),
    ...(await undeletable(trial.cloud, operation.load_balancer_id)),
  ];
}
