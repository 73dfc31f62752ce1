import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../config/log.ts';
import type { OperationRow } from '../../db/schema.ts';
import { ClockWatch } from '../../health/clock.ts';
import { Complaints } from '../../health/complaints.ts';
import { checkAmphorae, type FailoverParts } from '../../health/failover.ts';
import { TokenBucket } from '../../health/governor.ts';
import { createHealthMetrics } from '../../health/metrics.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { heardOf, makeLoadBalancer, type MadeLoadBalancer, type Wanted } from './rows.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterEach(async () => {
  await database.db.deleteFrom('amphora_health').execute();
  await database.db.deleteFrom('amphora').execute();
});
afterAll(() => database.drop());

const log = createLogger('health', 'silent');

interface Watch {
  readonly parts: FailoverParts;
  readonly started: OperationRow[];
}

/** A watch that finds amphorae stale after a minute, with room for as many failovers as `rate`. */
function watch({ rate = 10, breakerMin = 3 } = {}): Watch {
  const started: OperationRow[] = [];
  const start = (operation: OperationRow): Promise<boolean> => Promise.resolve(started.push(operation) > 0);
  const parts = {
    db: database.db,
    starter: { start },
    metrics: createHealthMetrics(),
    complaints: new Complaints(log),
    clock: new ClockWatch(),
    log,
    bucket: new TokenBucket(rate, 10, performance.now()),
    breaker: { min: breakerMin, percent: 30 },
    heartbeatTimeoutSec: 60,
    checkIntervalSec: 3,
  };
  return { parts, started };
}

async function loadBalancer(secondsAgo: number, wanted: Wanted = {}): Promise<MadeLoadBalancer> {
  const made = await makeLoadBalancer(database.db, wanted);
  for (const amphora of made.amphorae) await heardOf(database.db, amphora, secondsAgo);
  return made;
}

async function stateOf(made: MadeLoadBalancer) {
  const { provisioning_status: loadBalancer, sequence } = await database.db
    .selectFrom('load_balancer')
    .select(['provisioning_status', 'sequence'])
    .where('id', '=', made.id)
    .executeTakeFirstOrThrow();
  const amphorae = await database.db
    .selectFrom('amphora')
    .leftJoin('amphora_health', 'amphora_id', 'id')
    .select(['status', 'busy'])
    .where('load_balancer_id', '=', made.id)
    .execute();
  return { loadBalancer, sequence, amphorae };
}

const amphora = (status: string, busy: boolean | null) => ({ status, busy });

describe('the look for lost amphorae', () => {
  it('fails over a silent one, and not again while it is busy', async () => {
    const [lost, well] = [await loadBalancer(61), await loadBalancer(5)];
    const { parts, started } = watch();
    expect(await checkAmphorae(parts)).toBe(1);
    expect(await checkAmphorae(parts)).toBe(0);
    expect(started).toMatchObject([
      {
        kind: 'failoverAmphora',
        load_balancer_id: lost.id,
        resource_id: lost.amphorae[0],
        user_id: null,
        request_id: null,
        sequence: 1,
        state: 'accepted',
      },
    ]);
    expect(await stateOf(lost)).toEqual({
      loadBalancer: 'PENDING_UPDATE',
      sequence: 1,
      amphorae: [amphora('ALLOCATED', true)],
    });
    expect(await stateOf(well)).toMatchObject({
      loadBalancer: 'ACTIVE',
      sequence: 0,
      amphorae: [amphora('ALLOCATED', false)],
    });
  });

  it('fails over one of a load balancer in ERROR', async () => {
    await loadBalancer(61, { provisioning: 'ERROR' });
    expect(await checkAmphorae(watch().parts)).toBe(1);
  });

  it('leaves a load balancer alone that a flow works on, and goes on with the next', async () => {
    const [pending, lost] = [await loadBalancer(99, { provisioning: 'PENDING_UPDATE' }), await loadBalancer(61)];
    const { parts, started } = watch();
    expect(await checkAmphorae(parts)).toBe(1);
    expect(started[0]?.load_balancer_id).toBe(lost.id);
    expect(await stateOf(pending)).toMatchObject({ sequence: 0, amphorae: [amphora('ALLOCATED', false)] });
  });

  it('does not wait for a row that a request holds, and goes on with the next', async () => {
    const [held, lost] = [await loadBalancer(99), await loadBalancer(61)];
    const { parts, started } = watch();
    await database.db.transaction().execute(async (tx) => {
      await tx.selectFrom('load_balancer').select('id').where('id', '=', held.id).forUpdate().execute();
      await checkAmphorae(parts);
    });
    expect(started.map((operation) => operation.load_balancer_id)).toEqual([lost.id]);
    expect(await checkAmphorae(parts)).toBe(1);
  });

  it('fails over one amphora of a pair at a time', async () => {
    const pair = await loadBalancer(61, { amphorae: 2 });
    const { parts } = watch();
    expect(await checkAmphorae(parts)).toBe(1);
    expect((await stateOf(pair)).amphorae.filter(({ busy }) => busy === true)).toHaveLength(1);
  });

  it.each(['BOOTING', 'PENDING_DELETE', 'DELETED', 'ERROR'] as const)(
    'passes over an amphora in %s',
    async (amphoraStatus) => {
      await loadBalancer(61, { amphoraStatus });
      expect(await checkAmphorae(watch().parts)).toBe(0);
    },
  );

  it('does not take one for lost that was never heard of, but counts it', async () => {
    const made = await makeLoadBalancer(database.db);
    await database.db.updateTable('amphora').set({ created_at: '2026-01-01 00:00:00' }).execute();
    const { parts, started } = watch();
    expect(await checkAmphorae(parts)).toBe(0);
    expect(started).toEqual([]);
    expect(await stateOf(made)).toMatchObject({ loadBalancer: 'ACTIVE', amphorae: [amphora('ALLOCATED', null)] });
    expect((await parts.metrics.amphorae.get()).values).toContainEqual({
      labels: { state: 'never_heard_of' },
      value: 1,
    });
  });

  it('keeps its pace', async () => {
    for (let count = 0; count < 3; count += 1) await loadBalancer(61);
    const { parts, started } = watch({ rate: 2 });
    expect(await checkAmphorae(parts)).toBe(2);
    expect(await checkAmphorae(parts)).toBe(0);
    expect(started).toHaveLength(2);
  });

  it('stops when too many are silent at once, and goes on when they are back', async () => {
    const lost = [await loadBalancer(61), await loadBalancer(61)];
    const { parts, started } = watch({ breakerMin: 1 });
    expect(await checkAmphorae(parts)).toBe(0);
    for (const made of lost) {
      expect(await stateOf(made)).toMatchObject({
        loadBalancer: 'ACTIVE',
        amphorae: [amphora('FAILOVER_STOPPED', false)],
      });
    }
    const [back, gone] = lost;
    await heardOf(database.db, back?.amphorae[0] ?? '', 1);
    expect(await checkAmphorae(parts)).toBe(1);
    expect(started.map((operation) => operation.load_balancer_id)).toEqual([gone?.id]);
    expect(back === undefined ? null : await stateOf(back)).toMatchObject({ amphorae: [amphora('ALLOCATED', false)] });
  });

  it('opens one operation when two health processes look at once', async () => {
    await loadBalancer(61);
    const watches = [watch(), watch(), watch()];
    const begun = await Promise.all(watches.map(({ parts }) => checkAmphorae(parts)));
    expect(begun.reduce((sum, count) => sum + count, 0)).toBe(1);
  });
});
