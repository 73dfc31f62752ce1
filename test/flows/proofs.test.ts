import { afterAll, beforeAll, expect, test } from 'vitest';
import { operationKinds } from '../../model/operation.ts';
import { startCloud, type Cloud } from './support/cloud.ts';
import { proofNames, proveAll } from './support/proofs/all.ts';
import { chosenScenarios } from './support/extent.ts';
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

test('a run of everything proves each kind of operation', () => {
  const proven = new Set(scenarios.filter(({ costly }) => !costly).map(({ kind }) => kind));
  expect(operationKinds.filter((kind) => !proven.has(kind))).toEqual([]);
});

for (const scenario of chosenScenarios)
  test(`${nameOf(scenario)}: stands every proof at every step`, { timeout: proofTimeoutMs }, async ({ task }) => {
    const name = nameOf(scenario);
    const { findings, tally } = await proveAll(cloud, scenario, lanes);
    Object.assign(task.meta, { flows: [{ name, ...tally }] });
    expect(findings).toEqual([]);
    expect(Object.keys(tally.proofs)).toEqual(proofNames);
  });
