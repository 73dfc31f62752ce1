import { describe, expect, it } from 'vitest';
import type { StoredStatuses } from '../../db/operating-status.ts';
import { parseHeartbeat } from '../../health/heartbeat.ts';
import { applyChanges, judge } from '../../health/statuses.ts';
import type { OperatingStatus } from '../../model/status.ts';
import { message, type MessageParts } from './datagram.ts';

const amphora = '11111111-1111-4111-8111-111111111111';

/** A load balancer lb with listener l1 and pool p1 of the members m1 and m2; everything ONLINE. */
function stored(changes: Partial<StoredStatuses> = {}): StoredStatuses {
  const member = { adminStateUp: true, operatingStatus: 'ONLINE' } as const;
  return {
    id: 'lb',
    adminStateUp: true,
    provisioningStatus: 'ACTIVE',
    operatingStatus: 'ONLINE',
    listeners: [{ id: 'l1', protocol: 'HTTP', adminStateUp: true, defaultPoolId: 'p1', operatingStatus: 'ONLINE' }],
    pools: [
      {
        id: 'p1',
        operatingStatus: 'ONLINE',
        members: [
          { ...member, id: 'm1' },
          { ...member, id: 'm2' },
        ],
      },
    ],
    ...changes,
  };
}

const heartbeat = (parts: MessageParts) => parseHeartbeat(JSON.stringify(message(amphora, parts)));

const healthy: MessageParts = {
  listeners: { l1: {} },
  pools: { 'p1:l1': { status: 'UP', members: { m1: 'UP', m2: 'UP' } } },
};
const withMembers = (status: string, m1: string, m2: string): MessageParts => ({
  ...healthy,
  pools: { 'p1:l1': { status, members: { m1, m2 } } },
});

function changed(before: StoredStatuses, parts: MessageParts): Record<string, string> {
  return Object.fromEntries(judge(before, heartbeat(parts)).changes.map((change) => [change.id, change.to]));
}

describe('operating statuses', () => {
  it('stay when the amphora reports what is stored', () => {
    expect(judge(stored(), heartbeat(healthy))).toEqual({ changes: [], complete: true, unknownWords: [] });
  });

  it.each<[string, MessageParts, Record<string, string>]>([
    [
      'a listener at its limit degrades',
      { ...healthy, listeners: { l1: { status: 'FULL' } } },
      { l1: 'DEGRADED', lb: 'DEGRADED' },
    ],
    ['an absent listener is in error', { ...healthy, listeners: {} }, { l1: 'ERROR' }],
    [
      'a member down degrades pool and load balancer',
      withMembers('UP', 'UP', 'DOWN'),
      { m2: 'ERROR', p1: 'DEGRADED', lb: 'DEGRADED' },
    ],
    [
      'a pool down is an error of the load balancer',
      withMembers('DOWN', 'DOWN', 'DOWN'),
      { m1: 'ERROR', m2: 'ERROR', p1: 'ERROR', lb: 'ERROR' },
    ],
    ['an absent pool is offline and its members stay', { listeners: { l1: {} } }, { p1: 'OFFLINE' }],
    [
      'a check in progress counts as it leans',
      withMembers('UP', 'UP 1/3', 'DOWN 1/2'),
      { m2: 'ERROR', p1: 'DEGRADED', lb: 'DEGRADED' },
    ],
    ['a drained member drains', withMembers('UP', 'DRAIN', 'UP'), { m1: 'DRAINING' }],
    ['a member in maintenance is offline', withMembers('UP', 'MAINT', 'UP'), { m1: 'OFFLINE' }],
    ['a member without check has no monitor', withMembers('UP', 'no check', 'UP'), { m1: 'NO_MONITOR' }],
    ['a restarting checker changes nothing', withMembers('UP', 'RESTARTING', 'UP'), {}],
  ])('%s', (_name, parts, expected) => {
    expect(changed(stored(), parts)).toEqual(expected);
  });

  it('come back online', () => {
    const down = (row: 'ERROR' | 'DEGRADED'): StoredStatuses =>
      applyChanges(stored({ operatingStatus: row }), [
        { table: 'pool', id: 'p1', from: 'ONLINE', to: row },
        { table: 'member', id: 'm2', from: 'ONLINE', to: 'ERROR' },
      ]);
    expect(changed(down('ERROR'), healthy)).toEqual({ lb: 'ONLINE', p1: 'ONLINE', m2: 'ONLINE' });
    expect(changed(down('DEGRADED'), healthy)).toEqual({ lb: 'ONLINE', p1: 'ONLINE', m2: 'ONLINE' });
  });

  it.each<[string, OperatingStatus, Record<string, string>]>([
    ['goes offline', 'OFFLINE', {}],
    ['goes offline from online', 'ONLINE', { m1: 'OFFLINE' }],
    ['stays without monitor', 'NO_MONITOR', {}],
  ])('of a member that is not reported %s', (_name, before, expected) => {
    const [pool] = stored().pools;
    const pools = [
      {
        id: 'p1',
        operatingStatus: 'ONLINE' as const,
        members: [{ id: 'm1', adminStateUp: true, operatingStatus: before }],
      },
    ];
    expect(pool?.members).toHaveLength(2);
    expect(changed(stored({ pools }), { ...healthy, pools: { p1: { status: 'UP', members: {} } } })).toEqual(expected);
  });

  it('keep an error over what only degrades, in whatever order pools are met', () => {
    const pool = (id: string) => ({
      id,
      operatingStatus: 'ONLINE' as const,
      members: [{ id: `${id}m`, adminStateUp: true, operatingStatus: 'ONLINE' as const }],
    });
    const pools = {
      down: { status: 'DOWN', members: { downm: 'DOWN' } },
      worn: { status: 'UP', members: { wornm: 'DOWN' } },
    };
    const parts = { listeners: { l1: { status: 'FULL' } }, pools };
    expect(changed(stored({ pools: [pool('down'), pool('worn')] }), parts)['lb']).toBe('ERROR');
    expect(changed(stored({ pools: [pool('worn'), pool('down')] }), parts)['lb']).toBe('ERROR');
  });

  it('of a disabled load balancer is OFFLINE, and stays so when a listener is full', () => {
    const disabled = stored({ adminStateUp: false });
    expect(changed(disabled, { ...healthy, listeners: { l1: { status: 'FULL' } } })).toEqual({
      lb: 'OFFLINE',
      l1: 'DEGRADED',
    });
    expect(judge(disabled, heartbeat({})).complete).toBe(true);
  });

  it('of a listener that is absent is OFFLINE while it is disabled or the load balancer is PENDING', () => {
    const [listener] = stored().listeners;
    const disabled = listener === undefined ? [] : [{ ...listener, adminStateUp: false }];
    expect(changed(stored({ listeners: disabled }), { ...healthy, listeners: {} })).toEqual({ l1: 'OFFLINE' });
    expect(changed(stored({ provisioningStatus: 'PENDING_UPDATE' }), { ...healthy, listeners: {} })).toEqual({
      l1: 'OFFLINE',
    });
  });

  it('stay where a word is unknown, and the word is told', () => {
    const parts = {
      listeners: { l1: { status: 'ODD' } },
      pools: { p1: { status: 'STRANGE', members: { m1: 'WEIRD', m2: 'UP' } } },
    };
    const verdict = judge(stored(), heartbeat(parts));
    expect(verdict.changes).toEqual([]);
    expect(verdict.unknownWords).toEqual(['listener ODD', 'member WEIRD', 'pool STRANGE']);
  });
});

describe('a report', () => {
  it.each<[string, Partial<StoredStatuses>, MessageParts, boolean]>([
    ['with all listeners is complete', {}, healthy, true],
    ['without a listener is not', {}, { ...healthy, listeners: {} }, false],
    ['with one too many is not', {}, { ...healthy, listeners: { l1: {}, l2: {} } }, false],
    [
      'counts for a PENDING load balancer in any case',
      { provisioningStatus: 'PENDING_UPDATE' },
      { listeners: {} },
      true,
    ],
    [
      'counts for a load balancer in ERROR only when complete',
      { provisioningStatus: 'ERROR' },
      { listeners: {} },
      false,
    ],
  ])('%s', (_name, changes, parts, complete) => {
    expect(judge(stored(changes), heartbeat(parts)).complete).toBe(complete);
  });

  it('of an old agent may leave out UDP listeners without enabled members', () => {
    const listeners = [
      { id: 'l1', protocol: 'UDP', adminStateUp: true, defaultPoolId: 'p1', operatingStatus: 'OFFLINE' },
    ] as const;
    const pools = [
      {
        id: 'p1',
        operatingStatus: 'OFFLINE',
        members: [{ id: 'm1', adminStateUp: false, operatingStatus: 'OFFLINE' }],
      },
    ] as const;
    const old = parseHeartbeat(JSON.stringify({ id: amphora, listeners: {} }));
    expect(judge(stored({ listeners, pools }), old).complete).toBe(true);
    expect(judge(stored({ listeners, pools }), heartbeat({ listeners: {} })).complete).toBe(false);
  });
});

describe('applied changes', () => {
  it('are what the next report is compared with', () => {
    const { changes } = judge(stored(), heartbeat(withMembers('UP', 'UP', 'DOWN')));
    expect(judge(applyChanges(stored(), changes), heartbeat(withMembers('UP', 'UP', 'DOWN'))).changes).toEqual([]);
  });
});
