import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OperationRow } from '../../../db/schema.ts';
import { mortalTemporal, type MortalServer } from '../../support/outage.ts';
import { startCloud, type Cloud } from '../support/cloud.ts';
import { Trial } from '../support/proofs/trial.ts';
import { undeletable, wrongAfterSuccess } from '../support/proofs/verdict.ts';
import type { Started } from '../support/run.ts';
import { nameOf, scenarios, type Scenario } from '../support/scenario.ts';
import { sideBySide } from '../support/side-by-side.ts';
import { leftovers } from '../support/slate.ts';
import { stuckCreation } from '../support/stuck.ts';

const outageMs = 60_000;
const limitMs = 600_000;
const atOnce = 8;

let server: MortalServer;
let cloud: Cloud;
beforeAll(async () => {
  const temporal = await mortalTemporal();
  server = temporal.server;
  cloud = await startCloud({}, undefined, { temporal: temporal.address });
});
afterAll(async () => {
  await cloud.stop();
  await server.stop();
});

interface Held extends Started {
  readonly scenario: Scenario;
  readonly step: string;
  readonly operation: OperationRow;
}

/** The step in the middle of a flow, and the one in the middle of those that a worker takes from Temporal one by one. */
async function middlesOf(scenario: Scenario): Promise<readonly string[]> {
  const { operation, injector, ended } = await new Trial(cloud, scenario).start();
  expect((await ended()).failure).toBeNull();
  expect(await wrongAfterSuccess(cloud, scenario, operation)).toEqual([]);
  const remote = injector.steps.filter((step) => !injector.isLocal(step));
  return [...new Set([injector.steps, remote].flatMap((steps) => steps[Math.floor(steps.length / 2)] ?? []))];
}

async function hold(scenario: Scenario, step: string): Promise<Held> {
  const started = await new Trial(cloud, scenario).start({ step, mode: 'hold' });
  await started.injector.held;
  return { ...started, scenario, step };
}

async function verdict({ scenario, step, operation, ended }: Held): Promise<readonly string[]> {
  const { failure } = await ended();
  const found = [
    ...(failure === null ? [] : [`failed: ${failure}`]),
    ...(await wrongAfterSuccess(cloud, scenario, operation)),
    ...(await undeletable(cloud, operation.load_balancer_id)),
  ];
  return found.map((finding) => `${nameOf(scenario)}, ${step}: ${finding}`);
}

test(
  'Temporal that is gone for a minute in the middle of each flow, and of a clean-up, costs that minute and nothing else',
  { timeout: limitMs },
  async () => {
    const middles = await sideBySide(
      scenarios.map((scenario) => async () => (await middlesOf(scenario)).map((step) => ({ scenario, step }))),
      atOnce,
    );
    const held = await Promise.all(middles.flat().map(({ scenario, step }) => hold(scenario, step)));
    expect(held.length).toBeGreaterThan(scenarios.length);
    const stuck = await stuckCreation(cloud);
    await server.goAway('SIGKILL');
    cloud.world.troubles.endAll();
    // Each step has its effect while there is nobody who could be told.
    for (const { injector } of held) injector.letGo();
    await sleep(outageMs);
    await server.start();
    const findings = await sideBySide(
      held.map((one) => () => verdict(one)),
      atOnce,
    );
    expect(findings.flat()).toEqual([]);
    await stuck.handle.result();
    expect(await leftovers(cloud, stuck.loadBalancerId)).toEqual([]);
  },
);
