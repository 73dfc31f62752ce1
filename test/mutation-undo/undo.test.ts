/**
 * Does a missing undo show? Each undo of the flows is left out, one after the other, and each thing that a failure writes; the
 * proofs must find it in every flow that it belongs to. Run it with `./weir test mutation-undo`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failureEffects } from '../../db/lifecycle/fail.ts';
import { operationKinds } from '../../model/operation.ts';
import { startCloud, type Cloud } from '../flows/support/cloud.ts';
import { activityOf, Trial } from '../flows/support/proofs/trial.ts';
import { proveUnwinding } from '../flows/support/proofs/unwinding.ts';
import { nameOf, scenarios, type Scenario } from '../flows/support/scenario.ts';
import { sideBySide } from '../flows/support/side-by-side.ts';
import { handedOverSites, placeOf, undoSites, withoutUndo, type UndoSite } from './mutants.ts';

const limitMs = 600_000;
const atOnce = 6;

/** A flow, and the step whose failure, before its effect or after, calls for an undo. */
interface Use {
  readonly scenario: Scenario;
  readonly step: string;
  readonly mode: 'before' | 'after';
}

const sites = await undoSites();
const handedOver = await handedOverSites();
/** Which flows call an undo, by its activity; as the flows are. */
const uses = new Map<string, Use[]>();
/** The flows that hand the removal of an old amphora over, each with the step whose failure makes it do so. */
const handOvers: Use[] = [];

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
  await sideBySide(
    scenarios.map((scenario) => () => noteUndos(scenario)),
    atOnce,
  );
}, limitMs);
afterAll(() => cloud.stop());

async function noteUndos(scenario: Scenario): Promise<void> {
  const trial = new Trial(cloud, scenario);
  const { steps } = (await trial.run()).ending;
  const known = new Set(steps);
  const handsOver = steps.find((step) => scenario.handsOver.includes(activityOf(step)));
  if (handsOver !== undefined) handOvers.push({ scenario, step: handsOver, mode: 'before' });
  const found = new Map<string, string>();
  for (const step of steps) {
    const { undone, findings } = await proveUnwinding(trial, { step, mode: 'after' });
    // What is found without a mutation would count as a catch of every mutation.
    expect(findings).toEqual([]);
    for (const undo of undone) if (!known.has(undo)) found.set(activityOf(undo), step);
  }
  for (const [activity, step] of found)
    uses.set(activity, [...(uses.get(activity) ?? []), { scenario, step, mode: 'after' }]);
}

test('there are undos, and each is called by a flow', () => {
  expect(sites.length).toBeGreaterThan(5);
  expect(sites.filter(({ activity }) => !uses.has(activity)).map(placeOf)).toEqual([]);
});

test('an old amphora is removed by calls that are handed over, and flows do so', () => {
  expect(handedOver.map(({ activity }) => activity)).toEqual([
    'deleteCompute',
    'deleteAmphoraPorts',
    'markAmphoraDeleted',
  ]);
  expect(handOvers.length).toBeGreaterThan(3);
});

describe.each(handedOver.map((site) => ({ place: placeOf(site), site })))('without $place', ({ place, site }) => {
  test('a proof fails in every flow that hands it over', { timeout: limitMs }, async () => {
    expect(missed(place, await runWithout(site, handOvers))).toEqual([]);
  });
});

describe.each(sites.map((site) => ({ place: placeOf(site), site })))('without the undo $place', ({ place, site }) => {
  test('a proof fails in every flow that calls it', { timeout: limitMs }, async () => {
    expect(missed(place, await runWithout(site, uses.get(site.activity) ?? [], unnamed))).toEqual([]);
  });
});

interface Catch {
  readonly flow: string;
  readonly finding: string | undefined;
}

/** Those that nothing caught; prints all. */
function missed(place: string, catches: readonly Catch[]): readonly Catch[] {
  for (const { flow, finding } of catches)
    process.stdout.write(`${place} | ${flow} | ${finding === undefined ? 'NOT CAUGHT' : `caught: ${finding}`}\n`);
  return catches.filter(({ finding }) => finding === undefined);
}

/** Some undos do again what a later one does as well, and leave nothing to see: the list of what a flow takes back misses them (P10). */
function unnamed({ activity }: UndoSite, { undos }: Scenario, undone: readonly string[]): string | undefined {
  const isMissed = undos.some((undo) => undo === activity) && !undone.some((step) => activityOf(step) === activity);
  return isMissed ? `P10: does not call ${activity}` : undefined;
}

/** `besides` may find what a verdict does not. */
async function runWithout(
  site: UndoSite,
  usedBy: readonly Use[],
  besides: typeof unnamed = () => undefined,
): Promise<readonly Catch[]> {
  const folder = await mkdtemp(fileURLToPath(new URL('../../dist/mutant-', import.meta.url)));
  const mutated = await startCloud({}, await withoutUndo(site, folder));
  try {
    return await sideBySide(
      usedBy.map(({ scenario, step, mode }) => async () => {
        const { findings, undone } = await proveUnwinding(new Trial(mutated, scenario), { step, mode });
        return { flow: nameOf(scenario), finding: findings[0] ?? besides(site, scenario, undone) };
      }),
      atOnce,
    );
  } finally {
    await mutated.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

test.each(operationKinds)(
  'when the failure of %s writes nothing, a proof fails',
  { timeout: limitMs },
  async (kind) => {
    const effects: Record<string, unknown> = failureEffects;
    const original = effects[kind];
    effects[kind] = () => Promise.resolve();
    try {
      const findings = await sideBySide(
        scenarios
          .filter((scenario) => scenario.kind === kind)
          .map((scenario) => async () => {
            const trial = new Trial(cloud, scenario);
            const [step = ''] = (await trial.run()).ending.steps;
            return (await proveUnwinding(trial, { step, mode: 'before' })).findings[0];
          }),
        atOnce,
      );
      process.stdout.write(
        `db/lifecycle/fail.ts ${kind} | ${findings.map((one) => one ?? 'NOT CAUGHT').join(' | ')}\n`,
      );
      expect(findings.filter((one) => one === undefined)).toEqual([]);
    } finally {
      effects[kind] = original;
    }
  },
);
