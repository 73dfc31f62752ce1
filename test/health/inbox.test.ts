import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseHeartbeat } from '../../health/heartbeat.ts';
import { Inbox } from '../../health/inbox.ts';
import { message } from './datagram.ts';

const one = randomUUID();
const traffic = (id: string, rx: number, conns: number, ver = 3) =>
  parseHeartbeat(JSON.stringify(message(id, { ver, listeners: { l1: { stats: { rx, conns } } } })));

describe('the inbox', () => {
  it('keeps the newest heartbeat of an amphora and adds up the counters of those it overtook', () => {
    const inbox = new Inbox(10);
    inbox.put(traffic(one, 5, 9), 1);
    inbox.put(traffic(one, 7, 2), 2);
    const [waiting, ...others] = inbox.take(10);
    expect(others).toEqual([]);
    expect(waiting?.receivedAt).toBe(2);
    expect(waiting?.counters.get('l1')).toMatchObject({ bytesIn: 12, activeConnections: 2 });
  });

  it('does not add counters that are totals', () => {
    const inbox = new Inbox(10);
    inbox.put(traffic(one, 5, 9, 2), 1);
    inbox.put(traffic(one, 7, 2, 2), 2);
    expect(inbox.take(10)[0]?.counters.get('l1')).toMatchObject({ bytesIn: 7 });
  });

  it('refuses one amphora too many but still takes news of those it holds', () => {
    const inbox = new Inbox(1);
    expect(inbox.put(traffic(one, 1, 0), 1)).toBe(true);
    expect(inbox.put(traffic(randomUUID(), 1, 0), 2)).toBe(false);
    expect(inbox.put(traffic(one, 1, 0), 3)).toBe(true);
    expect(inbox.size).toBe(1);
  });

  it('gives out at most as many as asked for, the oldest first', () => {
    const inbox = new Inbox(10);
    const ids = [randomUUID(), randomUUID(), randomUUID()];
    for (const [index, id] of ids.entries()) inbox.put(traffic(id, 1, 0), index);
    expect(inbox.take(2).map(({ heartbeat }) => heartbeat.amphoraId)).toEqual(ids.slice(0, 2));
    expect(inbox.size).toBe(1);
  });

  it('takes a batch back behind what came meanwhile', () => {
    const inbox = new Inbox(10);
    inbox.put(traffic(one, 5, 9), 1);
    const batch = inbox.take(10);
    inbox.put(traffic(one, 7, 2), 2);
    inbox.putBack(batch);
    const [waiting] = inbox.take(10);
    expect(waiting?.receivedAt).toBe(2);
    expect(waiting?.counters.get('l1')).toMatchObject({ bytesIn: 12, activeConnections: 2 });
  });
});
