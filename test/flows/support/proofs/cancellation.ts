import type { Topology } from '../../../../model/status.ts';
import type { Trial } from './trial.ts';
import { wrongAfterFailure, wrongAfterSuccess, type Findings } from './verdict.ts';

/** What one turn of a workflow may begin before it is told that it was cancelled: a step on each amphora. */
const begunByThen: Readonly<Record<Topology, number>> = { SINGLE: 1, ACTIVE_STANDBY: 2 };

/**
 * P7: the workflow is cancelled while a step runs. It unwinds and ends as cancelled; or, when nothing but quick steps on our own
 * database and what had begun already were left to do, it has succeeded.
 */
export async function proveCancellation(trial: Trial, step: string): Promise<Findings> {
  const { operation, injector, ended } = await trial.start({ step, mode: 'cancel' });
  const ending = await ended();
  if (ending.cancelled) return wrongAfterFailure(trial.cloud, trial.scenario, operation);
  const ignored = ending.later.filter((later) => !injector.isLocal(later));
  return [
    ...(ending.failure === null ? [] : [`failed: ${ending.failure}`]),
    ...(ignored.length <= begunByThen[trial.scenario.topology] ? [] : [`went on with ${ignored.join(', ')}`]),
    ...(await wrongAfterSuccess(trial.cloud, trial.scenario, operation)),
  ];
}
