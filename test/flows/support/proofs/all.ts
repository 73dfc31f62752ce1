import type { Cloud } from '../cloud.ts';
import type { Scenario } from '../scenario.ts';
import { sideBySide } from '../side-by-side.ts';
import { proveCancellation } from './cancellation.ts';
import { proveExclusion, proveOvertaking } from './concurrency.ts';
import { replayable } from './replay.ts';
import { proveIdempotence, proveSuccess } from './success.ts';
import { told, Trial } from './trial.ts';
import { proveStuckUndo, proveUnwinding } from './unwinding.ts';
import type { Findings } from './verdict.ts';

/** More at once only make each wait for the others on two cores. */
const runsAtOnce = 8;

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

type Proof = (trial: Trial, step: string) => Promise<Findings>;

/** Those that are made at every step of a clean run. */
const atEveryStep: Readonly<Record<string, Proof>> = {
  'P4 undone twice': async (trial, step) =>
    (await proveUnwinding(trial, { step, mode: 'after', thenTwice: true })).findings,
  'P5 done twice': proveIdempotence,
  'P7 cancelled': proveCancellation,
  'P11 overtaken': proveOvertaking,
};

/** Makes every proof on one scenario. The steps are those that a clean run shows, so that a new one is covered at once. */
export async function proveAll(cloud: Cloud, scenario: Scenario): Promise<Outcome> {
  const trial = new Trial(cloud, scenario);
  const { ending, findings } = await proveSuccess(trial);
  const { steps } = ending;
  const proofs = new Proofs(trial);
  proofs.note('P1 succeeds', [findings]);
  const undos = await proveFailures(proofs, steps);
  for (const [name, prove] of Object.entries(atEveryStep)) await proofs.each(name, steps, (step) => prove(trial, step));
  await proofs.each('P6 stuck undo', [...undos], ([undo, step]) => proveStuckUndo(trial, step, undo));
  await proofs.each('P11 alone', steps.slice(0, 1), (step) => proveExclusion(trial, step));
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

/** P2 and P3 at every step. Returns each undo that they showed, with the last step whose failure calls it. */
async function proveFailures(proofs: Proofs, steps: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const undos = new Map<string, string>();
  for (const mode of ['before', 'after'] as const)
    await proofs.each(mode === 'before' ? 'P2 fails' : 'P3 answer lost', steps, async (step) => {
      const { findings, undone } = await proveUnwinding(proofs.trial, { step, mode });
      const known = new Set(steps);
      for (const undo of undone) if (!known.has(undo)) undos.set(undo, step);
      return findings;
    });
  return undos;
}

/** The proofs made on one trial: how many of each, and what they found. */
class Proofs {
  readonly trial: Trial;
  readonly findings: string[] = [];
  readonly counts: Record<string, number> = {};

  constructor(trial: Trial) {
    this.trial = trial;
  }

  note(name: string, made: readonly Findings[]): void {
    this.counts[name] = (this.counts[name] ?? 0) + made.length;
    this.findings.push(...made.flat());
  }

  async each<T extends string | readonly [string, string]>(
    name: string,
    places: readonly T[],
    prove: (place: T) => Promise<Findings>,
  ): Promise<void> {
    const work = places.map((place) => async () => told(name, String(place), await prove(place)));
    this.note(name, await sideBySide(work, runsAtOnce));
  }
}
