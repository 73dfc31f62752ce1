/**
 * P8: the worker is killed, or freezes and comes back, at every step of every flow, at every undo, and where a flow that fails says so.
 * Many flows are started at once, each held at another of its steps, past the fence that an overtaken one does not pass; then the one
 * worker that has them all goes away, and another takes over. A frozen one comes back when a newer operation has changed what it was at.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCloud, type Cloud } from './support/cloud.ts';
import { chosenScenarios, everything } from './support/extent.ts';
import type { OperationRow } from '../../db/schema.ts';
import { operationRow, requestOf } from './support/operations.ts';
import { CrashTrial, type Caught, type Loss } from './support/proofs/crash.ts';
import { everyPlace, type Place } from './support/proofs/places.ts';
import { replayable } from './support/proofs/replay.ts';
import { activityOf } from './support/proofs/trial.ts';
import { closing } from './support/proofs/unwinding.ts';
import { wrongAfterFailure, wrongAfterSuccess, type Findings } from './support/proofs/verdict.ts';
import { run } from './support/run.ts';
import { nameOf } from './support/scenario.ts';
import { sideBySide } from './support/side-by-side.ts';
import { statusOf } from './support/statuses.ts';

const limitMs = 900_000;
const atOnce = 8;
/** So many flows lose one worker together. */
const together = 48;

let cloud: Cloud;
let places: readonly Place[];
beforeAll(async () => {
  cloud = await startCloud({ workerLostAfterMs: 3_000 });
  places = await everyPlace(cloud, chosenScenarios);
}, limitMs);
afterAll(() => cloud.stop());

const losses: readonly Loss[] = [
  { how: 'killed', when: 'before' },
  { how: 'killed', when: 'after' },
  { how: 'frozen', when: 'before' },
];

test('a worker can be lost at every step, at every undo, and where a flow that fails looks for its end and writes it', () => {
  for (const scenario of chosenScenarios) {
    const own = places.filter((place) => place.scenario === scenario);
    expect(own.some(({ failing }) => failing === undefined)).toBe(true);
    const besides = new Set(own.flatMap(({ step, failing }) => (failing === undefined ? [] : [activityOf(step)])));
    expect(besides).toEqual(new Set([...scenario.undos, ...closing]));
  }
});

/** Every loss at every place, or each place with one of the losses in turn. */
const placesOf = (turn: number): readonly Place[] =>
  places.filter((_, at) => everything || at % losses.length === turn);

for (const [turn, loss] of losses.entries())
  test(
    `a worker that is ${loss.how} ${loss.when} the effect of a step or an undo loses nothing, and nothing else is undone`,
    { timeout: limitMs },
    async ({ task }) => {
      const chosen = placesOf(turn);
      const findings: string[] = [];
      for (let at = 0; at < chosen.length; at += together)
        findings.push(...(await loseWorker(loss, chosen.slice(at, at + together))));
      Object.assign(task.meta, { flows: chosen.map(proven) });
      expect(findings).toEqual([]);
    },
  );

const proven = ({ scenario }: Place) => ({ name: nameOf(scenario), proofs: { 'P8 worker lost': 1 } });

/** What is wrong after the loss, as sentences. */
async function loseWorker(loss: Loss, some: readonly Place[]): Promise<Findings> {
  const trial = new CrashTrial(cloud, loss);
  try {
    const runs = await trial.holdAll(some);
    const away = await trial.lose();
    const endings = await Promise.all(runs.map(({ ended }) => ended()));
    const newer = loss.how === 'frozen' ? await sideBySide(runs.map(newerWork), atOnce) : [];
    await away.comeBack();
    const unreplayable = await replayable(
      cloud,
      runs.map(({ workflowId }) => workflowId),
    );
    const verdicts = runs.map((run, at) => async () => {
      const found = [
        ...(await verdict(run, loss, endings[at]?.failure ?? null, newer[at])),
        ...unexpected(run),
        ...(unreplayable.get(run.workflowId) ?? []),
      ];
      return found.map((finding) => `${nameOf(run.scenario)}, ${run.step}: ${finding}`);
    });
    return (await sideBySide(verdicts, atOnce)).flat();
  } finally {
    await trial.stop();
  }
}

/** What a load balancer can be asked next, by the status that a flow leaves. */
const next: Partial<Record<string, readonly ['updateLoadBalancer' | 'failoverLoadBalancer', 'deleteLoadBalancer']>> = {
  ACTIVE: ['updateLoadBalancer', 'deleteLoadBalancer'],
  ERROR: ['failoverLoadBalancer', 'deleteLoadBalancer'],
};

/** Changes what the flow was at, in one way or the other in turn: nothing that comes back late may touch that. */
function newerWork({ scenario, operation }: Caught, turn: number): () => Promise<OperationRow | undefined> {
  return async () => {
    const { load_balancer_id: id } = operation;
    const kinds = next[(await statusOf(cloud, id)) ?? 'none'];
    if (kinds === undefined) return undefined;
    const newer = await requestOf(cloud.database.db, turn % 2 === 0 ? kinds[0] : kinds[1], id);
    const { failure } = await run(cloud, newer, { slowNetwork: scenario.slowNetwork });
    expect(failure).toBeNull();
    return newer;
  };
}

/** What the flow would not have done without the loss. To do a thing once more is no harm. */
function unexpected({ injector, expected }: Caught): Findings {
  const once = (step: string): string => step.replace(/ #\d+$/, '');
  const known = new Set([...expected].map(once));
  return injector.steps
    .filter((step) => !known.has(once(step)) && !closing.has(activityOf(step)))
    .map((step) => `did ${step}`);
}

/** A flow that was to succeed has; one that was failing has failed for that reason and no other. Newer work is as it left it. */
async function verdict(
  { scenario, operation, step, failing }: Caught,
  loss: Loss,
  failure: string | null,
  newer: OperationRow | undefined,
): Promise<Findings> {
  const { state, reason } = await operationRow(cloud.database.db, operation.id);
  const because = failing === undefined ? null : `injected into ${failing}`;
  // The next worker takes a turn that is not on record anew, and finds that the flow has failed.
  const isOverBefore = loss.when === 'after' && activityOf(step) === 'failOperation';
  const told = isOverBefore && failure?.endsWith('is over') === true ? reason : failure;
  return [
    ...(isSaid(told, because) ? [] : [`ended otherwise: ${failure}`]),
    ...(state === (because === null ? 'succeeded' : 'failed') && isSaid(reason, because)
      ? []
      : [`the operation is ${state}: ${reason}`]),
    ...(newer === undefined || newer.kind === 'updateLoadBalancer'
      ? await (because === null ? wrongAfterSuccess : wrongAfterFailure)(cloud, scenario, operation)
      : await wrongAfterSuccess(cloud, scenario, newer)),
  ];
}

const isSaid = (text: string | null, because: string | null): boolean =>
  because === null ? text === null : text?.includes(because) === true;
