import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCloud, type Cloud } from './support/cloud.ts';
import { proofNames, proveAll } from './support/proofs/all.ts';
import { nameOf, scenarios } from './support/scenario.ts';
import { Lanes } from './support/side-by-side.ts';

/** A pair's failover has some 40 steps, and each is proven in seven ways. */
const proofTimeoutMs = 900_000;

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());

/** More at once only make each wait for the others on two cores. */
const lanes = new Lanes(8);

for (const scenario of scenarios)
  test(`${nameOf(scenario)}: stands every proof at every step`, { timeout: proofTimeoutMs }, async ({ task }) => {
    const name = nameOf(scenario);
    const { findings, tally } = await proveAll(cloud, scenario, lanes);
    Object.assign(task.meta, { flow: { name, ...tally } });
    expect(findings).toEqual([]);
    expect(Object.keys(tally.proofs)).toEqual(proofNames);
  });
