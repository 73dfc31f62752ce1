import type { Cloud } from '../cloud.ts';
import type { Scenario } from '../scenario.ts';
import { sideBySide } from '../side-by-side.ts';
import { Trial } from './trial.ts';

/** Where a worker can be lost: a step of a flow, an undo, or another step of a flow that fails. */
export interface Place {
  readonly scenario: Scenario;
  readonly step: string;
  /** The step that fails, so that the flow unwinds; undefined for a step of a flow that succeeds. */
  readonly failing?: string;
  /** All that the flow does when no worker is lost. */
  readonly expected: ReadonlySet<string>;
}

const scenariosAtOnce = 8;

/** Every step of every scenario, as a clean run shows it, and all that its flow does besides when one of them fails. */
export async function everyPlace(cloud: Cloud, scenarios: readonly Scenario[]): Promise<readonly Place[]> {
  const places = await sideBySide(
    scenarios.map((scenario) => () => placesOf(cloud, scenario)),
    scenariosAtOnce,
  );
  return places.flat();
}

async function placesOf(cloud: Cloud, scenario: Scenario): Promise<readonly Place[]> {
  const trial = new Trial(cloud, scenario);
  const { steps } = (await trial.run()).ending;
  const expected = new Set(steps);
  return [...steps.map((step) => ({ scenario, step, expected })), ...(await unwindingPlaces(trial, steps))];
}

/**
 * Each undo that the failure of any step calls, and what closes a failed flow, once. The latest step that calls an undo is the one
 * that fails: by then what runs side by side is over, and the undos are the same in each run.
 */
async function unwindingPlaces(trial: Trial, steps: readonly string[]): Promise<readonly Place[]> {
  const { scenario } = trial;
  const places = new Map<string, Place>();
  for (const failing of steps.toReversed()) {
    const { ending } = await trial.run({ step: failing, mode: 'before' });
    // One that goes on though the step failed takes nothing back.
    if (ending.failure === null) continue;
    const besides = ending.later.filter((step) => !steps.includes(step));
    const expected = new Set([...steps, ...besides]);
    for (const step of besides) if (!places.has(step)) places.set(step, { scenario, step, failing, expected });
  }
  return [...places.values()];
}
