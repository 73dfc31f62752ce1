import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { ownerlessLoadBalancers, startedOperations } from '../../../db/lifecycle/sweep.ts';
import { unstartedOperations } from '../../../db/operation.ts';
import type { OperationRow } from '../../../db/schema.ts';
import { startCloud, type Cloud } from '../support/cloud.ts';
import { requestOf } from '../support/operations.ts';
import { Trial } from '../support/proofs/trial.ts';
import { undeletable, wrongAfterFailure, wrongAfterSuccess } from '../support/proofs/verdict.ts';
import { nameOf, scenarios } from '../support/scenario.ts';
import { serving } from '../support/serving.ts';

const hourMs = 3_600_000;
/** Less than the hour that a clock is set ahead, and more than all that happens while an agent is waited for. */
const patientSec = 120;
const hastySec = 3;

const waitingAtMost = (connectionRetryIntervalSec: number): Promise<Cloud> =>
  startCloud({ connectionMaxRetries: 1, connectionRetryIntervalSec, amphoraMaxRetries: 1 });

let patient: Cloud;
let hasty: Cloud;
beforeAll(async () => {
  patient = await waitingAtMost(patientSec);
  hasty = await waitingAtMost(hastySec);
});
afterEach(() => void vi.useRealTimers());
afterAll(() => Promise.all([patient.stop(), hasty.stop()]));

/** The wall clock of this process, and so of its worker, is set. Timers go on as they were. */
function setClock(byMs: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + byMs });
}

/** A creation whose agent is not there yet, and was asked for once at least. */
async function waitingForAgent(cloud: Cloud) {
  const scenario = scenarios.find((one) => nameOf(one) === 'createLoadBalancer, SINGLE');
  if (scenario === undefined) throw new Error('there is no creation');
  const trial = new Trial(cloud, scenario);
  const started = await trial.start({ step: 'awaitAgent(new standalone)', mode: 'hold' });
  await started.injector.held;
  const { load_balancer_id: id } = started.operation;
  const { id: amphoraId } = await cloud.database.db
    .selectFrom('amphora')
    .select('id')
    .where('load_balancer_id', '=', id)
    .executeTakeFirstOrThrow();
  cloud.world.dead.add(amphoraId);
  started.injector.letGo();
  const asked = (): number => cloud.world.troubles.effects('amphora.info', amphoraId);
  await expect.poll(asked, { timeout: 20_000 }).toBeGreaterThan(0);
  return { ...started, scenario, amphoraId, asked };
}

describe('the wall clock of a worker', () => {
  test('that is set an hour ahead does not end a wait before its time', async () => {
    const { operation, scenario, amphoraId, asked, ended } = await waitingForAgent(patient);
    setClock(hourMs);
    await expect.poll(asked, { timeout: 20_000 }).toBeGreaterThan(asked() + 1);
    patient.world.dead.delete(amphoraId);
    expect((await ended()).failure).toBeNull();
    vi.useRealTimers();
    expect(await wrongAfterSuccess(patient, scenario, operation)).toEqual([]);
    expect(await undeletable(patient, operation.load_balancer_id)).toEqual([]);
  });

  test('that is set an hour back does not make a wait an hour longer', async () => {
    const { operation, scenario, ended } = await waitingForAgent(hasty);
    setClock(-hourMs);
    expect((await ended()).failure).toContain(`did not answer within ${hastySec} s`);
    vi.useRealTimers();
    expect(await wrongAfterFailure(hasty, scenario, operation)).toEqual([]);
  });
});

describe('the clock of the database', () => {
  /** As if the clock had been set `byMs` further: what was written before lies that much further back. */
  async function setDatabaseClock({ id }: OperationRow, byMs: number): Promise<void> {
    const shift = sql`make_interval(secs => ${byMs / 1000})`;
    await sql`update operation set created_at = created_at - ${shift}, started_at = started_at - ${shift},
      finished_at = finished_at - ${shift} where id = ${id}`.execute(patient.database.db);
  }

  const idsOf = (operations: readonly OperationRow[]): string[] => operations.map(({ id }) => id);

  for (const [how, byMs] of [
    ['ahead', hourMs],
    ['back', -hourMs],
  ] as const)
    test(`that is set an hour ${how} keeps neither the relay nor the sweeper from what they are there for`, async () => {
      const { db } = patient.database;
      const { loadBalancerId: id } = await serving(patient, 'SINGLE');
      const operation = await requestOf(db, 'updateLoadBalancer', id);
      expect(idsOf(await unstartedOperations(db, 60_000, 10))).not.toContain(operation.id);
      await setDatabaseClock(operation, byMs);
      expect(idsOf(await unstartedOperations(db, 60_000, 10))).toContain(operation.id);

      await sql`update operation set state = 'started', started_at = created_at where id = ${operation.id}`.execute(db);
      expect(idsOf(await startedOperations(db, 60_000))).toContain(operation.id);

      await sql`update operation set state = 'failed', finished_at = created_at where id = ${operation.id}`.execute(db);
      expect(await ownerlessLoadBalancers(db, 60_000)).toContain(id);
    });
});
