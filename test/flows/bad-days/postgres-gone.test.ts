import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { mortalPostgres, type MortalServer } from '../../support/outage.ts';
import { startCloud, type Cloud } from '../support/cloud.ts';
import { Gate } from '../support/gate.ts';
import type { Fault } from '../support/injector.ts';
import { operationRow } from '../support/operations.ts';
import { proveUnwinding } from '../support/proofs/unwinding.ts';
import { told, Trial } from '../support/proofs/trial.ts';
import { undeletable, wrongAfterFailure, type Findings } from '../support/proofs/verdict.ts';
import { nameOf, scenarios } from '../support/scenario.ts';

/** An outage that flows outlast, ms. */
const outageMs = 6_000;
/** More than holding a creation at each of its undos takes, so that none is handed over before PostgreSQL is away. */
const hastySec = 10;
const handoverLimitMs = 60_000;
const limitMs = 300_000;

let server: MortalServer;
/** Flows wait longer for an undo than all that happens while one is held. */
let patient: Cloud;
/** They hand an undo over before PostgreSQL comes back. */
let hasty: Cloud;
beforeAll(async () => {
  const postgres = await mortalPostgres();
  server = postgres.server;
  const { database } = postgres;
  patient = await startCloud({ undoLimitSec: 120 }, undefined, { database });
  hasty = await startCloud({ undoLimitSec: hastySec }, undefined, {
    database: { ...database, drop: () => Promise.resolve() },
  });
});
afterAll(async () => {
  await hasty.stop();
  await patient.stop();
  await server.stop();
});

type Unwinding = Awaited<ReturnType<Trial['start']>>;

function creationIn(cloud: Cloud): Trial {
  const scenario = scenarios.find((one) => nameOf(one) === 'createLoadBalancer, with children, in a cloud');
  if (scenario === undefined) throw new Error('there is no creation with children');
  return new Trial(cloud, scenario);
}

/** The failure of the last step but one, so that all must be taken back, and the undos that it calls. */
async function failureAndUndos(trial: Trial): Promise<{ readonly fault: Fault; readonly undos: readonly string[] }> {
  const { ending } = await trial.run();
  const step = ending.steps.at(-2) ?? '';
  const fault = { step, mode: 'after' } as const;
  const { undone, findings } = await proveUnwinding(trial, fault);
  expect(findings).toEqual([]);
  expect(undone.length).toBeGreaterThan(3);
  return { fault, undos: undone };
}

/** Starts one that is held at an undo. Throws how it ended when it never came there. */
async function heldAt(trial: Trial, fault: Fault, undo: string): Promise<Unwinding> {
  const run = await trial.start({ ...fault, thenHold: undo });
  const early = await Promise.race([run.injector.held, run.ended()]);
  if (early !== undefined) throw new Error(`it ended before ${undo}: ${early.failure}`);
  return run;
}

async function stopUntil(itIsTime: () => Promise<unknown>, meanwhile: () => void): Promise<void> {
  await server.goAway('SIGQUIT');
  meanwhile();
  await itIsTime();
  await server.start();
}

const forAWhile = (): Promise<unknown> => sleep(outageMs);

/** Whether a flow has left its undos to a clean-up flow, for which it needs no database. */
async function hasHandedOver({ client }: Cloud, { workflowId }: Unwinding): Promise<boolean> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  return events?.some((event) => event.startChildWorkflowExecutionInitiatedEventAttributes != null) === true;
}

async function verdict({ cloud, scenario }: Trial, undo: string, run: Unwinding): Promise<Findings> {
  const { failure } = await run.ended();
  return told('PostgreSQL gone', undo, [
    ...(failure?.includes('injected into') === true ? [] : [`failed otherwise: ${failure}`]),
    ...(await wrongAfterFailure(cloud, scenario, run.operation)),
    ...(await undeletable(cloud, run.operation.load_balancer_id)),
  ]);
}

interface Outcome {
  readonly findings: Findings;
  /** Why those failed that left undos to the clean-up flow. */
  readonly handedOver: readonly string[];
}

/** Holds a creation at each of its undos, takes PostgreSQL away under all of them until it is time, and judges how they end. */
async function proveOutage(trial: Trial, itIsTime: (runs: readonly Unwinding[]) => Promise<unknown>): Promise<Outcome> {
  const { fault, undos } = await failureAndUndos(trial);
  const runs = await Promise.all(undos.map(async (undo) => ({ undo, run: await heldAt(trial, fault, undo) })));
  await stopUntil(
    () => itIsTime(runs.map(({ run }) => run)),
    () => runs.forEach(({ run }) => run.injector.letGo()),
  );
  const findings = (await Promise.all(runs.map(({ undo, run }) => verdict(trial, undo, run)))).flat();
  const records = await Promise.all(runs.map(({ run }) => operationRow(trial.cloud.database.db, run.operation.id)));
  const reasons = records.flatMap(({ reason }) => reason ?? []);
  return { findings, handedOver: reasons.filter((reason) => reason.includes('still cleaning up')) };
}

test(
  'PostgreSQL that is gone in the middle of any undo of a creation delays the unwinding, and nothing is left',
  async () => {
    expect(await proveOutage(creationIn(patient), forAWhile)).toEqual({ findings: [], handedOver: [] });
  },
  limitMs,
);

test(
  'an undo that PostgreSQL is away for too long for goes to the clean-up flow, which ends it',
  async () => {
    const handedOverAll = (runs: readonly Unwinding[]): Promise<unknown> =>
      vi.waitFor(
        async () => {
          for (const run of runs) expect(await hasHandedOver(hasty, run)).toBe(true);
        },
        { timeout: handoverLimitMs, interval: 100 },
      );
    const { findings, handedOver } = await proveOutage(creationIn(hasty), handedOverAll);
    expect(findings).toEqual([]);
    expect(handedOver).toContainEqual(expect.stringMatching(/still cleaning up: .*, because .*(?:ECONN|terminat)/));
  },
  limitMs,
);

test(
  'PostgreSQL that is gone while the machine of an undo is being deleted leaves no machine',
  async () => {
    const trial = creationIn(patient);
    const { fault, undos } = await failureAndUndos(trial);
    const deletion = undos.find((undo) => undo.startsWith('deleteCompute')) ?? '';
    const gate = new Gate();
    const run = await heldAt(trial, fault, deletion);
    const [machine = ''] = trial.cloud.world.machinesOf(run.operation.load_balancer_id);
    trial.cloud.world.troubles.order('compute.delete', machine, { how: 'slow', gate });
    run.injector.letGo();
    await expect.poll(() => trial.cloud.world.troubles.waiting, { timeout: 20_000 }).toBe(1);
    await stopUntil(forAWhile, () => gate.open());
    expect(await verdict(trial, deletion, run)).toEqual([]);
    expect(trial.cloud.world.troubles.effects('compute.delete', machine)).toBe(1);
  },
  limitMs,
);
