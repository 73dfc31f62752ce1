import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operationKinds } from '../../model/operation.ts';
import { startCloud, type Cloud } from './support/cloud.ts';
import { proveIdempotence, proveSuccess, proveUnwinding } from './support/proof.ts';
import { sideBySide } from './support/side-by-side.ts';
import { scenarios } from './support/scenario.ts';

const proofTimeoutMs = 300_000;
/** More at once only make each wait for the others on two cores. */
const runsAtOnce = 6;

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());

test('every flow has a scenario', () => {
  const proven = new Set(scenarios.map(({ kind }) => kind));
  expect(operationKinds.filter((kind) => !proven.has(kind))).toEqual([]);
});

describe.each(scenarios)('$kind, $variant', (scenario) => {
  test(
    'succeeds, unwinds from every step that fails, and may run every step twice',
    { timeout: proofTimeoutMs },
    async () => {
      const { steps, findings } = await proveSuccess(cloud, scenario);
      expect(findings).toEqual([]);
      expect(steps.length).toBeGreaterThan(1);
      const places = steps.map((_, at) => at);
      const proofs = places.flatMap((at) => [
        () => proveUnwinding(cloud, scenario, { at, mode: 'before' }),
        () => proveUnwinding(cloud, scenario, { at, mode: 'after' }),
        () => proveIdempotence(cloud, scenario, at),
      ]);
      expect((await sideBySide(proofs, runsAtOnce)).flat()).toEqual([]);
    },
  );
});
