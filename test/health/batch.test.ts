import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeBatch } from '../../health/batch.ts';
import { parseHeartbeat } from '../../health/heartbeat.ts';
import { Inbox } from '../../health/inbox.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { message, type MessageParts } from './datagram.ts';
import { heardOf, makeLoadBalancer, silenceOf, statusesOf, type MadeLoadBalancer } from './rows.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const maxAgeMs = 10_000;

/** Writes heartbeats `agoMs` after they came in. */
function write(reports: readonly (readonly [amphoraId: string, parts: MessageParts])[], agoMs = 0) {
  const inbox = new Inbox(100);
  for (const [id, parts] of reports) inbox.put(parseHeartbeat(JSON.stringify(message(id, parts))), 0);
  return writeBatch(database.db, inbox.take(100), { maxAgeMs, now: agoMs });
}

const report = (made: MadeLoadBalancer, member = 'UP', rx = 0): MessageParts => ({
  listeners: { [made.listener]: { stats: { rx, tx: 2 * rx, conns: 3, totconns: 1, ereq: 0 } } },
  pools: {
    [`${made.pool}:${made.listener}`]: {
      status: 'UP',
      members: Object.fromEntries(made.members.map((id) => [id, member])),
    },
  },
});

const statisticsOf = (made: MadeLoadBalancer) =>
  database.db
    .selectFrom('listener_statistics')
    .select(['amphora_id', 'bytes_in', 'bytes_out', 'active_connections', 'total_connections'])
    .where('listener_id', '=', made.listener)
    .execute();

describe('a batch of heartbeats', () => {
  it('brings statuses up, notes when amphorae were heard of and counts traffic', async () => {
    const [first, second] = [
      await makeLoadBalancer(database.db, { members: 2 }),
      await makeLoadBalancer(database.db, { members: 1 }),
    ];
    const reports = [first, second].map((made) => [made.amphorae[0] ?? '', report(made, 'UP', 10)] as const);
    const { outcomes } = await write(reports);
    expect(outcomes.get('written')).toBe(2);
    expect(await statusesOf(database.db, first)).toEqual(Array.from({ length: 5 }, () => 'ONLINE'));
    expect(await statusesOf(database.db, second)).toEqual(Array.from({ length: 4 }, () => 'ONLINE'));
    expect(await silenceOf(database.db, first.amphorae[0] ?? '')).toBeLessThan(5);
    expect(await statisticsOf(first)).toMatchObject([{ bytes_in: 10, bytes_out: 20, active_connections: 3 }]);
  });

  it('adds deltas to what is stored, and puts totals of old agents in its place', async () => {
    const made = await makeLoadBalancer(database.db, { members: 1 });
    const [amphora = ''] = made.amphorae;
    await write([[amphora, report(made, 'UP', 10)]]);
    await write([[amphora, report(made, 'UP', 5)]]);
    expect(await statisticsOf(made)).toMatchObject([{ bytes_in: 15, active_connections: 3, total_connections: 2 }]);
    await write([[amphora, { ...report(made, 'UP', 7), ver: 2 }]]);
    expect(await statisticsOf(made)).toMatchObject([{ bytes_in: 7, total_connections: 1 }]);
  });

  it('never lets a counter leave the range of exact numbers', async () => {
    const made = await makeLoadBalancer(database.db, { members: 1 });
    const [amphora = ''] = made.amphorae;
    const parts = { listeners: { [made.listener]: { stats: { rx: Number.MAX_SAFE_INTEGER } } } };
    await write([[amphora, parts]]);
    await write([[amphora, parts]]);
    expect(await statisticsOf(made)).toMatchObject([{ bytes_in: Number.MAX_SAFE_INTEGER }]);
  });

  it('lets the later report of a pair count', async () => {
    const made = await makeLoadBalancer(database.db, { members: 1, amphorae: 2 });
    const [master = '', backup = ''] = made.amphorae;
    await write([
      [master, report(made, 'UP')],
      [backup, report(made, 'DOWN')],
    ]);
    expect(await statusesOf(database.db, made)).toEqual(['DEGRADED', 'ONLINE', 'DEGRADED', 'ERROR']);
    await write([
      [master, report(made, 'UP')],
      [backup, report(made, 'DOWN')],
    ]);
    expect(await statusesOf(database.db, made)).toEqual(['DEGRADED', 'ONLINE', 'DEGRADED', 'ERROR']);
  });

  it('does not count an amphora as heard of that lacks a listener, but takes its statuses', async () => {
    const made = await makeLoadBalancer(database.db, { members: 1 });
    const [amphora = ''] = made.amphorae;
    await heardOf(database.db, amphora, 100);
    const { outcomes } = await write([[amphora, {}]]);
    expect(outcomes.get('incomplete')).toBe(1);
    expect(await silenceOf(database.db, amphora)).toBeGreaterThan(90);
    expect(await statusesOf(database.db, made)).toEqual(['ONLINE', 'ERROR', 'OFFLINE', 'OFFLINE']);
  });

  it('takes only the counters from a heartbeat that waited too long', async () => {
    const made = await makeLoadBalancer(database.db, { members: 1 });
    const [amphora = ''] = made.amphorae;
    const { outcomes } = await write([[amphora, report(made, 'UP', 9)]], maxAgeMs);
    expect(outcomes.get('too_old')).toBe(1);
    expect(await silenceOf(database.db, amphora)).toBeNull();
    expect(await statusesOf(database.db, made)).toEqual(['OFFLINE', 'OFFLINE', 'OFFLINE', 'OFFLINE']);
    expect(await statisticsOf(made)).toMatchObject([{ bytes_in: 9 }]);
  });

  it('dates a sighting to when the heartbeat came in', async () => {
    const made = await makeLoadBalancer(database.db);
    const [amphora = ''] = made.amphorae;
    await write([[amphora, {}]], 8_000);
    const silence = await silenceOf(database.db, amphora);
    expect(silence).toBeGreaterThanOrEqual(8);
    expect(silence).toBeLessThan(20);
  });

  it('writes nothing for an amphora that no row knows, and goes on with the others', async () => {
    const made = await makeLoadBalancer(database.db, { members: 1 });
    const stranger = randomUUID();
    const { outcomes, troubles } = await write([
      [stranger, {}],
      [made.amphorae[0] ?? '', report(made)],
    ]);
    expect(outcomes).toEqual(
      new Map([
        ['unknown_amphora', 1],
        ['written', 1],
      ]),
    );
    expect([...troubles.values()]).toEqual([{ amphoraId: stranger }]);
    expect(await silenceOf(database.db, stranger)).toBeNull();
  });

  it('leaves an amphora to housekeeping whose load balancer is gone', async () => {
    const made = await makeLoadBalancer(database.db, { provisioning: 'DELETED' });
    const { outcomes } = await write([[made.amphorae[0] ?? '', {}]]);
    expect(outcomes.get('orphan')).toBe(1);
    expect(await silenceOf(database.db, made.amphorae[0] ?? '')).toBeNull();
  });

  it('does not bring back the health row of an amphora that is being deleted', async () => {
    const made = await makeLoadBalancer(database.db, { amphoraStatus: 'PENDING_DELETE' });
    await write([[made.amphorae[0] ?? '', {}]]);
    expect(await silenceOf(database.db, made.amphorae[0] ?? '')).toBeNull();
  });

  it('takes no counters for listeners of another load balancer', async () => {
    const [mine, other] = [
      await makeLoadBalancer(database.db, { members: 1 }),
      await makeLoadBalancer(database.db, { members: 1 }),
    ];
    await write([[mine.amphorae[0] ?? '', report(other, 'UP', 99)]]);
    expect(await statisticsOf(other)).toEqual([]);
    expect(await statusesOf(database.db, other)).toEqual(['OFFLINE', 'OFFLINE', 'OFFLINE', 'OFFLINE']);
  });

  it('does not wait for a load balancer that a flow holds', async () => {
    const made = await makeLoadBalancer(database.db, { members: 1 });
    const [amphora = ''] = made.amphorae;
    await database.db.transaction().execute(async (tx) => {
      await tx.selectFrom('load_balancer').select('id').where('id', '=', made.id).forUpdate().execute();
      await write([[amphora, report(made)]]);
    });
    expect(await statusesOf(database.db, made)).toEqual(['OFFLINE', 'ONLINE', 'ONLINE', 'ONLINE']);
    await write([[amphora, report(made)]]);
    expect(await statusesOf(database.db, made)).toEqual(['ONLINE', 'ONLINE', 'ONLINE', 'ONLINE']);
  });
});
