import type { Cloud } from '../cloud.ts';
import type { Scenario } from '../scenario.ts';
import type { Lanes } from '../side-by-side.ts';
import { proveCancellation } from './cancellation.ts';
import { proveExclusion, proveOvertaking } from './concurrency.ts';
import { replayable } from './replay.ts';
import { proveIdempotence, proveSuccess } from './success.ts';
import { activityOf, told, Trial } from './trial.ts';
import { proveStuckUndo, proveUnwinding } from './unwinding.ts';
import type { Findings } from './verdict.ts';

/** What was proven of a flow. */
export interface Tally {
  readonly steps: number;
  readonly undos: number;
  /** How often each proof was made. */
  readonly proofs: Readonly<Record<string, number>>;
}

export interface Outcome {
  readonly findings: Findings;
  readonly tally: Tally;
}

/** Every proof that is made on a scenario, in the order in which a report names them. */
export const proofNames: readonly string[] = [
  'P1 succeeds',
  'P2 fails',
  'P3 answer lost',
  'P4 undone twice',
  'P7 cancelled',
  'P11 overtaken',
  'P5 done twice',
  'P11 alone',
  'P10 undos',
  'P6 stuck undo',
  'P9 replays',
];

type Proof = (trial: Trial, step: string) => Promise<Findings>;

/** Those that are made at every step of a clean run. */
const atEveryStep: Readonly<Record<string, Proof>> = {
  'P4 undone twice': async (trial, step) =>
    (await proveUnwinding(trial, { step, mode: 'after', thenTwice: true })).findings,
  'P7 cancelled': proveCancellation,
  'P11 overtaken': proveOvertaking,
};

/** Makes every proof on one scenario. The steps are those that a clean run shows, so that a new one is covered at once. */
export async function proveAll(cloud: Cloud, scenario: Scenario, lanes: Lanes): Promise<Outcome> {
  const trial = new Trial(cloud, scenario);
  const { ending, findings } = await lanes.run(() => proveSuccess(trial));
  const { steps } = ending;
  const proofs = new Proofs(trial, lanes);
  proofs.note('P1 succeeds', [findings]);
  const failing = proveFailures(proofs, steps);
  const others = Object.entries(atEveryStep).map(([name, prove]) =>
    proofs.each(name, steps, (step) => prove(trial, step)),
  );
  const twice = proofs.together('P5 done twice', steps, (step, all) => proveIdempotence(trial, step, all));
  const alone = proofs.each('P11 alone', steps.slice(0, 1), (step) => proveExclusion(trial, step));
  const [undos] = await Promise.all([failing, ...others, twice, alone]);
  const called = new Set([...undos.keys()].map(activityOf));
  const missing = scenario.undos.filter((undo) => !called.has(undo));
  const unknown = [...called].filter((undo) => !scenario.undos.some((known) => known === undo));
  proofs.note('P10 undos', [
    [
      ...missing.map((undo) => `does not call ${undo}`),
      ...unknown.map((undo) => `calls ${undo}, which the scenario does not name`),
    ],
  ]);
  await proofs.each('P6 stuck undo', [...undos], ([undo, step]) => proveStuckUndo(trial, step, undo));
  const failures = await replayable(cloud, trial.workflowIds);
  proofs.note(
    'P9 replays',
    trial.workflowIds.map((id) => failures.get(id) ?? []),
  );
  return {
    findings: proofs.findings,
    tally: { steps: steps.length, undos: undos.size, proofs: proofs.counts },
  };
}

/** P2 and P3 at every step. Returns each undo with the last step whose lost answer calls it: a step's own undo is among them. */
async function proveFailures(proofs: Proofs, steps: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { trial } = proofs;
  const undone = new Map<string, readonly string[]>();
  await Promise.all([
    proofs.each('P2 fails', steps, async (step) => (await proveUnwinding(trial, { step, mode: 'before' })).findings),
    proofs.each('P3 answer lost', steps, async (step) => {
      const shown = await proveUnwinding(trial, { step, mode: 'after' });
      undone.set(step, shown.undone);
      return shown.findings;
    }),
  ]);
  const known = new Set(steps);
  const callers = steps.flatMap((step) => (undone.get(step) ?? []).map((undo) => [undo, step] as const));
  return new Map(callers.filter(([undo]) => !known.has(undo)));
}

/** The proofs made on one trial: how many of each, and what they found. */
class Proofs {
  readonly trial: Trial;
  readonly findings: string[] = [];
  readonly counts: Record<string, number> = {};
  readonly #lanes: Lanes;

  constructor(trial: Trial, lanes: Lanes) {
    this.trial = trial;
    this.#lanes = lanes;
  }

  note(name: string, made: readonly Findings[]): void {
    this.counts[name] = made.length;
    this.findings.push(...made.flat());
  }

  async each<T extends string | readonly [string, string]>(
    name: string,
    places: readonly T[],
    prove: (place: T) => Promise<Findings>,
  ): Promise<void> {
    // Named before they are made: a report names them in this order.
    this.counts[name] = 0;
    const made = places.map((place) => this.#lanes.run(async () => told(name, String(place), await prove(place))));
    this.note(name, await Promise.all(made));
  }

  /** A proof that one run can make of all steps. Only when that finds something has each step a run of its own, to name it. */
  async together(
    name: string,
    steps: readonly string[],
    prove: (first: string, all: boolean) => Promise<Findings>,
  ): Promise<void> {
    const [first = ''] = steps;
    this.counts[name] = steps.length;
    const found = told(name, 'all steps', await this.#lanes.run(() => prove(first, true)));
    if (found.length === 0) return;
    await this.each(name, steps, (step) => prove(step, false));
    this.findings.push(...found);
  }
}
