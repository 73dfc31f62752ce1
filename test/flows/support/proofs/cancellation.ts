import type { Topology } from '../../../../model/status.ts';
import { activityOf, type Trial } from './trial.ts';
import { wrongAfterFailure, wrongAfterSuccess, type Findings } from './verdict.ts';

/** What one turn of a workflow may begin before it is told that it was cancelled: a step on each amphora. */
const begunByThen: Readonly<Record<Topology, number>> = { SINGLE: 1, ACTIVE_STANDBY: 2 };

/**
 * P7: the workflow is cancelled while a step runs. It unwinds and ends as cancelled; or, when the step ends well and nothing but quick
 * steps on our own database is left to do, it has succeeded. When the step ends as cancelled too, which a quick one does not, the flow
 * does: its end may not be taken for a failure that can be handed over.
 */
export async function proveCancellation(trial: Trial, step: string): Promise<Findings> {
  const { operation, injector, ended } = await trial.start({ step, mode: 'cancel' });
  const ending = await ended();
  const isQuick = injector.isLocal(step);
  const obeyed = isQuick ? [] : await proveObedience(trial, step);
  if (ending.cancelled) return [...obeyed, ...(await wrongAfterFailure(trial.cloud, trial.scenario, operation))];
  const later = ending.later.filter((one) => !injector.isLocal(one));
  const ignored = isQuick
    ? later.slice(begunByThen[trial.scenario.topology])
    : later.filter((one) => !isBeside(one, step));
  return [
    ...obeyed,
    ...(ending.failure === null ? [] : [`failed: ${ending.failure}`]),
    ...ignored.map((one) => `went on with ${one}`),
    ...(await wrongAfterSuccess(trial.cloud, trial.scenario, operation)),
  ];
}

/** The same on the other amphora of a pair begins in the same turn, before there is anything to be told of. */
const isBeside = (one: string, step: string): boolean => activityOf(one) === activityOf(step);

async function proveObedience(trial: Trial, step: string): Promise<Findings> {
  const { operation, ended } = await trial.start({ step, mode: 'obey' });
  const { cancelled, failure } = await ended();
  return [
    ...(cancelled
      ? []
      : [`the step ended as cancelled, and the flow ${failure === null ? 'succeeded' : `failed: ${failure}`}`]),
    ...(await wrongAfterFailure(trial.cloud, trial.scenario, operation)),
  ];
}
