import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createLogger } from '../../config/log.ts';
import type { OperationRow } from '../../db/schema.ts';
import { ClockSet, ClockWatch } from '../../health/clock.ts';
import { Complaints } from '../../health/complaints.ts';
import { checkAmphorae, runFailover, type FailoverParts } from '../../health/failover.ts';
import { TokenBucket } from '../../health/governor.ts';
import { createHealthMetrics } from '../../health/metrics.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { heardOf, makeLoadBalancer } from './rows.ts';

const hourMs = 3_600_000;
/** Longer than this process, which beats and looks, may stand still. */
const timeoutSec = 6;
const log = createLogger('health', 'silent');

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await database.db.deleteFrom('amphora_health').execute();
});
afterAll(() => database.drop());

function watch(): { readonly parts: FailoverParts; readonly started: OperationRow[] } {
  const started: OperationRow[] = [];
  const parts = {
    db: database.db,
    starter: { start: (operation: OperationRow) => Promise.resolve(started.push(operation) > 0) },
    metrics: createHealthMetrics(),
    complaints: new Complaints(log),
    clock: new ClockWatch(),
    log,
    bucket: new TokenBucket(10, 10, performance.now()),
    breaker: { min: 3, percent: 30 },
    heartbeatTimeoutSec: timeoutSec,
    checkIntervalSec: 0.02,
  };
  return { parts, started };
}

test('a clock that is set is told from one that is slow to answer', () => {
  const clock = new ClockWatch();
  expect(clock.jumped(1_000_000, 5)).toBe(false);
  expect(clock.jumped(1_063_000, 60_005)).toBe(false);
  expect(clock.jumped(1_064_000 + hourMs, 61_005)).toBe(true);
  expect(clock.jumped(1_065_000 + hourMs, 62_005)).toBe(false);
  expect(clock.jumped(1_066_000, 63_005)).toBe(true);
});

test('an amphora that died before the clock of the database was set back is lost in its time, not an hour later', async () => {
  const { amphorae } = await makeLoadBalancer(database.db);
  const [dead = ''] = amphorae;
  await heardOf(database.db, dead, -hourMs / 1000);
  const { parts, started } = watch();
  await expect.poll(async () => (await checkAmphorae(parts)) + started.length, { timeout: 30_000 }).toBeGreaterThan(0);
  expect(started[0]?.resource_id).toBe(dead);
});

test('amphorae that beat are not failed over when the clock of the database is set ahead', async () => {
  const { amphorae } = await makeLoadBalancer(database.db);
  const [living = ''] = amphorae;
  const steady = performance.now.bind(performance);
  const stop = new AbortController();
  const { parts, started } = watch();
  const noted = vi.spyOn(parts.complaints, 'note');
  const clockNotes = (): number =>
    noted.mock.calls.filter(([message]) => message.includes('clock of the database')).length;
  const look = vi.spyOn(parts.clock, 'jumped');
  const hear = (secondsAgo: number): Promise<unknown> => heardOf(database.db, living, secondsAgo);
  const beat = async (until: () => boolean): Promise<void> => {
    for (; !until(); await sleep(100)) await hear(0);
  };
  const running = runFailover(parts, stop.signal);
  await beat(() => look.mock.calls.length > 0);
  // What was heard lies an hour back and the two clocks are an hour apart, as they are when one is set.
  vi.spyOn(performance, 'now').mockImplementation(() => steady() + hourMs);
  await hear(hourMs / 1000);
  await expect.poll(() => clockNotes() + started.length, { timeout: 30_000 }).toBeGreaterThan(0);
  const end = steady() + timeoutSec * 1_000 + 500;
  await beat(() => steady() > end);
  stop.abort();
  await running;
  expect(clockNotes()).toBe(1);
  expect(started).toEqual([]);
});

test('a clock that is set after the amphorae were counted stops the failover that was about to begin', async () => {
  const { amphorae } = await makeLoadBalancer(database.db);
  await heardOf(database.db, amphorae[0] ?? '', hourMs / 1000);
  const { parts, started } = watch();
  const jumped = vi.spyOn(parts.clock, 'jumped').mockReturnValueOnce(false).mockReturnValueOnce(true);
  await expect(checkAmphorae(parts)).rejects.toThrow(ClockSet);
  expect(jumped).toHaveBeenCalledTimes(2);
  expect(started).toEqual([]);
});

test('the same silence without a jump is a loss', async () => {
  const { amphorae } = await makeLoadBalancer(database.db);
  await heardOf(database.db, amphorae[0] ?? '', hourMs / 1000);
  const { parts, started } = watch();
  await checkAmphorae(parts);
  expect(started).toHaveLength(1);
  const { rows } = await sql<{ busy: boolean }>`select busy from amphora_health`.execute(database.db);
  expect(rows).toEqual([{ busy: true }]);
});
