/**
 * P8: the worker is killed, or freezes and comes back, at every step of every flow. Many flows are started at once, each held at
 * another of its steps; then the one worker that has them all goes away, and another takes over.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCloud, type Cloud } from './support/cloud.ts';
import { CrashTrial, everyStep, type Place } from './support/proofs/crash.ts';
import { wrongAfterSuccess, undeletable } from './support/proofs/verdict.ts';
import { nameOf, scenarios } from './support/scenario.ts';
import { sideBySide } from './support/side-by-side.ts';

const limitMs = 600_000;
const atOnce = 8;
/** So many flows lose one worker together. */
const together = 48;

let cloud: Cloud;
let places: readonly Place[];
beforeAll(async () => {
  cloud = await startCloud({ workerLostAfterMs: 3_000 });
  places = await everyStep(cloud, scenarios);
});
afterAll(() => cloud.stop());

const losses = [
  { how: 'killed', when: 'before' },
  { how: 'killed', when: 'after' },
  { how: 'frozen', when: 'before' },
] as const;

for (const { how, when } of losses)
  test(
    `a worker that is ${how} at any step, ${when} its effect, loses nothing and undoes nothing`,
    { timeout: limitMs },
    async () => {
      const findings: string[] = [];
      for (let at = 0; at < places.length; at += together)
        findings.push(...(await loseWorker(when, how, places.slice(at, at + together))));
      expect(findings).toEqual([]);
    },
  );

/** What is wrong after the loss, as sentences. */
async function loseWorker(
  when: 'before' | 'after',
  how: 'killed' | 'frozen',
  some: readonly Place[],
): Promise<readonly string[]> {
  const trial = new CrashTrial(cloud, when);
  try {
    const runs = await trial.holdAll(some);
    const away = await trial.lose(how);
    const endings = await Promise.all(runs.map(({ ended }) => ended()));
    await away.comeBack();
    const verdicts = runs.map(({ scenario, operation, step }, at) => async () => {
      const failure = endings[at]?.failure;
      const found = [
        ...(failure === null ? [] : [`failed: ${failure}`]),
        ...(await wrongAfterSuccess(cloud, scenario, operation)),
        ...(await undeletable(cloud, operation.load_balancer_id)),
      ];
      return found.map((finding) => `${nameOf(scenario)}, ${step}: ${finding}`);
    });
    return (await sideBySide(verdicts, atOnce)).flat();
  } finally {
    await trial.stop();
  }
}
