import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCloud, type Cloud } from './support/cloud.ts';
import { proveAll } from './support/proofs/all.ts';
import { nameOf, scenarios } from './support/scenario.ts';

/** A pair's failover has some 40 steps, and each is proven in seven ways. */
const proofTimeoutMs = 900_000;

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());

for (const scenario of scenarios)
  test(`${nameOf(scenario)}: stands every proof at every step`, { timeout: proofTimeoutMs }, async ({ task }) => {
    const name = nameOf(scenario);
    const { findings, tally } = await proveAll(cloud, scenario);
    Object.assign(task.meta, { flow: { name, ...tally } });
    expect(findings).toEqual([]);
  });
