import type { Cloud } from '../cloud.ts';
import type { Ending } from '../run.ts';
import type { Trial } from './trial.ts';
import { undeletable, wrongAfterSuccess, type Findings } from './verdict.ts';

/** P1: the flow succeeds, and what it built can be deleted without a trace. Its steps are those of every other proof. */
export async function proveSuccess(trial: Trial): Promise<{ readonly ending: Ending; readonly findings: Findings }> {
  const { ending, operation } = await trial.run();
  const findings = [
    ...(ending.failure === null ? [] : [`failed: ${ending.failure}`]),
    ...(await wrongAfterSuccess(trial.cloud, trial.scenario, operation)),
    ...(await undeletable(trial.cloud, operation.load_balancer_id)),
  ];
  return { ending, findings };
}

/** P5: a step runs twice, as after a lost answer; with `thenTwice` each that follows too. The flow succeeds and each has had one effect. */
export async function proveIdempotence(trial: Trial, step: string, thenTwice = false): Promise<Findings> {
  const { ending, operation } = await trial.run({ step, mode: 'repeat', thenTwice });
  return [
    ...(ending.failure === null ? [] : [`failed: ${ending.failure}`]),
    ...(await wrongAfterSuccess(trial.cloud, trial.scenario, operation)),
    ...bootedTwice(trial.cloud, operation.load_balancer_id),
  ];
}

/** Machines that were made and are gone again: nobody would miss them. */
function bootedTwice({ world }: Cloud, loadBalancerId: string): Findings {
  const [machines, amphorae] = [world.boots(loadBalancerId), world.amphoraeOf(loadBalancerId).length];
  return machines === amphorae ? [] : [`${machines} machines were made for ${amphorae} amphorae`];
}
