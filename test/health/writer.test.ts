import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../config/log.ts';
import { Complaints } from '../../health/complaints.ts';
import { Inbox } from '../../health/inbox.ts';
import { createHealthMetrics } from '../../health/metrics.ts';
import { runWriter } from '../../health/writer.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { makeLoadBalancer, silenceOf } from './rows.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const silent = (amphoraId: string) => ({ amphoraId, version: 3, listeners: new Map(), pools: new Map() });

/** Runs the writer as it runs when the process has been told to end. */
async function drain(inbox: Inbox) {
  const metrics = createHealthMetrics();
  const complaints = new Complaints(createLogger('health', 'silent'));
  await runWriter({ db: database.db, inbox, metrics, complaints, maxAgeMs: 10_000 }, AbortSignal.abort());
  const { values } = await metrics.heartbeats.get();
  return Object.fromEntries(values.map(({ labels, value }) => [labels.outcome, value]));
}

describe('the writer', () => {
  it('writes what is left before it ends', async () => {
    const made = await makeLoadBalancer(database.db);
    const inbox = new Inbox(10);
    inbox.put(silent(made.amphorae[0] ?? ''), performance.now());
    expect(await drain(inbox)).toEqual({ written: 1 });
    expect(await silenceOf(database.db, made.amphorae[0] ?? '')).toBeLessThan(5);
  });

  it('drops a heartbeat that the tables refuse, and writes all others of its batch', async () => {
    const inbox = new Inbox(10);
    const amphorae: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      const made = await makeLoadBalancer(database.db);
      amphorae.push(...made.amphorae);
      inbox.put(silent(made.amphorae[0] ?? ''), performance.now());
      if (count === 2) inbox.put(silent('no uuid'), performance.now());
    }
    expect(await drain(inbox)).toEqual({ written: 5, poison: 1 });
    for (const amphora of amphorae) expect(await silenceOf(database.db, amphora)).toBeLessThan(5);
  });

  it('gives up at its end when PostgreSQL is away', async () => {
    const away = await freshDatabase();
    await away.drop();
    const inbox = new Inbox(10);
    inbox.put(silent(randomUUID()), performance.now());
    const metrics = createHealthMetrics();
    const complaints = new Complaints(createLogger('health', 'silent'));
    await runWriter({ db: away.db, inbox, metrics, complaints, maxAgeMs: 10_000 }, AbortSignal.abort());
    expect(inbox.size).toBe(1);
  });
});
