/** P0, P10: the steps of each flow with their arguments are as the golden files say. A replay sees neither arguments nor undos. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCloud, type Cloud } from './support/cloud.ts';
import { Trial } from './support/proofs/trial.ts';
import { nameOf, scenarios } from './support/scenario.ts';
import { fileNameOf, traceOf } from './support/trace.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());

for (const scenario of scenarios)
  test(`${nameOf(scenario)}: takes its steps`, async () => {
    const { ending } = await new Trial(cloud, scenario).run();
    await expect(traceOf(ending.steps)).toMatchFileSnapshot(`traces/${fileNameOf(nameOf(scenario))}.txt`);
  });
