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
const agentLimitMs = 3_000;

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud({
    connectionMaxRetries: 1,
    connectionRetryIntervalSec: agentLimitMs / 1000,
    amphoraMaxRetries: 1,
  });
});
afterEach(() => void vi.useRealTimers());
afterAll(() => cloud.stop());

/** The wall clock of this process, and so of its worker, is set. Timers go on as they were. */
function setClock(byMs: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + byMs });
}

/** A creation whose agent is not there yet, waited for since a moment ago. */
async function waitingForAgent() {
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
  await expect.poll(() => cloud.world.troubles.effects('amphora.info', amphoraId)).toBeGreaterThan(1);
  return { ...started, scenario, amphoraId };
}

describe('the wall clock of a worker', () => {
  test('that is set an hour ahead does not end a wait before its time', async () => {
    const { operation, scenario, amphoraId, ended } = await waitingForAgent();
    setClock(hourMs);
    const asked = cloud.world.troubles.effects('amphora.info', amphoraId);
    await expect.poll(() => cloud.world.troubles.effects('amphora.info', amphoraId)).toBeGreaterThan(asked + 1);
    cloud.world.dead.delete(amphoraId);
    expect((await ended()).failure).toBeNull();
    vi.useRealTimers();
    expect(await wrongAfterSuccess(cloud, scenario, operation)).toEqual([]);
    expect(await undeletable(cloud, operation.load_balancer_id)).toEqual([]);
  });

  test('that is set an hour back does not make a wait an hour longer', async () => {
    const { operation, scenario, ended } = await waitingForAgent();
    setClock(-hourMs);
    expect((await ended()).failure).toContain('did not answer within 3 s');
    vi.useRealTimers();
    expect(await wrongAfterFailure(cloud, scenario, operation)).toEqual([]);
  });
});

describe('the clock of the database', () => {
  /** As if the clock had been set `byMs` further: what was written before lies that much further back. */
  async function setDatabaseClock({ id }: OperationRow, byMs: number): Promise<void> {
    const shift = sql`make_interval(secs => ${byMs / 1000})`;
    await sql`update operation set created_at = created_at - ${shift}, started_at = started_at - ${shift},
      finished_at = finished_at - ${shift} where id = ${id}`.execute(cloud.database.db);
  }

  const idsOf = (operations: readonly OperationRow[]): string[] => operations.map(({ id }) => id);

  for (const [how, byMs] of [
    ['ahead', hourMs],
    ['back', -hourMs],
  ] as const)
    test(`that is set an hour ${how} keeps neither the relay nor the sweeper from what they are there for`, async () => {
      const { db } = cloud.database;
      const { loadBalancerId: id } = await serving(cloud, 'SINGLE');
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
