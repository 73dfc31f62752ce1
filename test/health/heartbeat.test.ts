import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseHeartbeat } from '../../health/heartbeat.ts';
import { message } from './datagram.ts';

const id = randomUUID();
const listener = randomUUID();
const pool = randomUUID();
const member = randomUUID();
const parse = (value: unknown) => parseHeartbeat(JSON.stringify(value));

describe('a heartbeat', () => {
  it('carries counters, named from the load balancer’s side', () => {
    const stats = { rx: 1, tx: 2, conns: 3, totconns: 4, ereq: 5 };
    const { listeners } = parse(message(id, { listeners: { [listener]: { status: 'FULL', stats } } }));
    expect(listeners.get(listener)).toEqual({
      status: 'FULL',
      counters: { bytesIn: 1, bytesOut: 2, activeConnections: 3, totalConnections: 4, requestErrors: 5 },
    });
  });

  it('knows a pool by its id, whether a listener is appended or not', () => {
    const { pools } = parse(
      message(id, {
        pools: {
          [`${pool}:${listener}`]: { status: 'UP', members: { [member]: 'UP 1/3' } },
          [member]: { status: 'DOWN', members: {} },
        },
      }),
    );
    expect(pools.get(pool)?.members.get(member)).toBe('UP 1/3');
    expect(pools.get(member)?.status).toBe('DOWN');
  });

  it('takes the last report of a pool that several listeners use', () => {
    const pools = {
      [`${pool}:${listener}`]: { status: 'UP', members: {} },
      [`${pool}:${member}`]: { status: 'DOWN', members: {} },
    };
    expect(parse(message(id, { pools })).pools.get(pool)?.status).toBe('DOWN');
  });

  it('of version 1 has its pools inside the listeners', () => {
    const stats = { rx: 0, tx: 0, conns: 0, totconns: 0, ereq: 0 };
    const listeners = { [listener]: { status: 'OPEN', stats, pools: { [pool]: { status: 'UP', members: {} } } } };
    const heartbeat = parse({ id, seq: 0, listeners });
    expect(heartbeat.version).toBeNull();
    expect(heartbeat.pools.get(pool)?.status).toBe('UP');
  });

  it.each([
    ['not JSON', '{', 'not JSON'],
    ['a list', '[]', 'the message is not an object'],
    ['no id', '{}', 'id is not a text'],
    ['an id that is not a UUID', '{"id":"x"}', 'id is not a UUID'],
    ['no listeners', JSON.stringify({ id, ver: 3 }), 'listeners is not an object'],
    ['negative counters', JSON.stringify(message(id, { listeners: { x: { stats: { rx: -1 } } } })), 'stats.rx'],
    ['fractional counters', JSON.stringify(message(id, { listeners: { x: { stats: { tx: 0.5 } } } })), 'stats.tx'],
    [
      'counters beyond exact numbers',
      JSON.stringify(message(id, { listeners: { x: { stats: { ereq: 2 ** 60 } } } })),
      'stats.ereq',
    ],
    [
      'a member status that is a number',
      `{"id":"${id}","ver":3,"listeners":{},"pools":{"p":{"status":"UP","members":{"m":1}}}}`,
      'member',
    ],
  ])('is rejected with %s', (_name, text, reason) => {
    expect(() => parseHeartbeat(text)).toThrow(reason);
  });
});
