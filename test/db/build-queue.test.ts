import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { askForBuildSlot, leaveBuildQueue, type BuildTurn } from '../../db/build-queue.ts';
import { openDatabase, type Db } from '../../db/database.ts';
import { forgetAmphora, insertAmphora } from '../../db/lifecycle/amphora.ts';
import { failOperation } from '../../db/lifecycle/fail.ts';
import type { OperationRow } from '../../db/schema.ts';
import { buildPriority } from '../../model/build-priority.ts';
import { requestLoadBalancer, requestOf } from '../flows/support/operations.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());
beforeEach(() => database.db.deleteFrom('build_slot').execute());

interface Machine {
  readonly amphoraId: string;
  readonly operation: OperationRow;
}

/** An amphora whose operation runs. */
async function machine(): Promise<Machine> {
  const operation = await requestLoadBalancer(database.db, randomUUID());
  const { load_balancer_id: loadBalancerId } = operation;
  await database.db.updateTable('load_balancer').set({ vip_ready: true }).where('id', '=', loadBalancerId).execute();
  return { operation, amphoraId: await amphoraOf(loadBalancerId) };
}

async function amphoraOf(loadBalancerId: string): Promise<string> {
  const id = randomUUID();
  const certificate = { certExpiration: '2100-01-01T00:00:00Z', sealedPem: 'sealed' };
  const row = { id, loadBalancerId, role: 'STANDALONE', computeHost: null, ...certificate } as const;
  await database.db.transaction().execute((tx) => insertAmphora(tx, row));
  return id;
}

async function ask(
  { amphoraId }: Pick<Machine, 'amphoraId'>,
  limit = 1,
  priority: number = buildPriority.create,
): Promise<BuildTurn['taken'] | null> {
  return (await askForBuildSlot(database.db, { amphoraId, priority, limit }))?.taken ?? null;
}

const over = { reason: 'it failed', causes: [], steps: [] };

describe('the queue of machines that boot', () => {
  test('lets as many go as the limit says, and the next one when one leaves', async () => {
    const [first, second, third] = [await machine(), await machine(), await machine()];
    expect([await ask(first, 2), await ask(second, 2), await ask(third, 2)]).toEqual([true, true, false]);
    expect(await ask(first, 2)).toBe(true);
    await leaveBuildQueue(database.db, second.amphoraId);
    expect(await ask(third, 2)).toBe(true);
  });

  test('lets a failover go before a creation that asked earlier, and the older of two creations', async () => {
    const [booting, older, newer, failover] = [await machine(), await machine(), await machine(), await machine()];
    await ask(booting);
    expect([await ask(older), await ask(newer), await ask(failover, 1, buildPriority.failover)]).toEqual([
      false,
      false,
      false,
    ]);
    await leaveBuildQueue(database.db, booting.amphoraId);
    expect([await ask(newer), await ask(older), await ask(failover)]).toEqual([false, false, true]);
    await leaveBuildQueue(database.db, failover.amphoraId);
    expect([await ask(newer), await ask(older)]).toEqual([false, true]);
  });

  test('never lets more go than the limit, however many ask at once', async () => {
    const machines = await Promise.all(Array.from({ length: 12 }, machine));
    const other: Db = openDatabase({
      url: database.url,
      maxConnections: 6,
      applicationName: 'another worker',
      connectionTimeoutMs: 10_000,
    });
    const priority = buildPriority.create;
    const turns = await Promise.all(
      machines.flatMap(({ amphoraId }) =>
        [database.db, other].map((db) => askForBuildSlot(db, { amphoraId, priority, limit: 3 })),
      ),
    );
    await other.destroy();
    expect(turns).not.toContain(null);
    const places = await database.db.selectFrom('build_slot').select('taken_at').execute();
    expect(places).toHaveLength(12);
    expect(places.filter(({ taken_at: at }) => at !== null)).toHaveLength(3);
  });

  test('frees the place of an amphora whose row goes', async () => {
    const [first, second] = [await machine(), await machine()];
    expect([await ask(first), await ask(second)]).toEqual([true, false]);
    await forgetAmphora(database.db, first.amphoraId);
    expect(await ask(second)).toBe(true);
  });

  test('frees the place of an amphora whose operation is over, even while the next operation runs', async () => {
    const [first, second] = [await machine(), await machine()];
    expect([await ask(first), await ask(second)]).toEqual([true, false]);
    await failOperation(database.db, first.operation.id, over);
    await requestOf(database.db, 'deleteLoadBalancer', first.operation.load_balancer_id);
    expect(await ask(second)).toBe(true);
  });

  test('keeps the place of a machine whose worker died for the worker that takes over', async () => {
    const [first, second] = [await machine(), await machine()];
    await ask(first);
    expect([await ask(second), await ask(first)]).toEqual([false, true]);
  });

  test('one that waits in front and is dead holds back nobody who could go', async () => {
    const [booting, dead, living] = [await machine(), await machine(), await machine()];
    await ask(booting, 1);
    await ask(dead, 1);
    expect(await ask(living, 3)).toBe(true);
  });

  test('knows how long a machine has waited', async () => {
    const { amphoraId } = await machine();
    await askForBuildSlot(database.db, { amphoraId, priority: 40, limit: 1 });
    await database.db.updateTable('build_slot').set({ requested_at: '2020-01-01T00:00:00' }).execute();
    await database.db.updateTable('operation').set({ created_at: '2019-12-31T00:00:00' }).execute();
    const turn = await askForBuildSlot(database.db, { amphoraId, priority: 40, limit: 1 });
    expect(turn?.waitedMs).toBeGreaterThan(3_600_000);
  });

  test('has no place for an amphora without a row', async () => {
    expect(await ask({ amphoraId: randomUUID() })).toBeNull();
  });
});
