import { afterAll, beforeAll, expect, test } from 'vitest';
import { operationKinds } from '../../model/operation.ts';
import { startCloud, type Cloud } from './support/cloud.ts';
import { proofNames, proveAll } from './support/proofs/all.ts';
import { nameOf, scenarios, type Scenario } from './support/scenario.ts';
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

/** The failovers of a pair take as long as all others together: `./weir test flows` proves them too, a run of everything their SINGLE ones. */
const isCostly = ({ kind, variant }: Scenario): boolean =>
  kind.startsWith('failover') && /ACTIVE_STANDBY|MASTER|BACKUP/.test(variant);
const chosen = scenarios.filter((scenario) => process.env['WEIR_PROVE_ALL'] === '1' || !isCostly(scenario));

test('a run of everything proves each kind of operation', () => {
  const proven = new Set(chosen.map(({ kind }) => kind));
  expect(operationKinds.filter((kind) => !proven.has(kind))).toEqual([]);
});

for (const scenario of chosen)
  test(`${nameOf(scenario)}: stands every proof at every step`, { timeout: proofTimeoutMs }, async ({ task }) => {
    const name = nameOf(scenario);
    const { findings, tally } = await proveAll(cloud, scenario, lanes);
    Object.assign(task.meta, { flow: { name, ...tally } });
    expect(findings).toEqual([]);
    expect(Object.keys(tally.proofs)).toEqual(proofNames);
  });
