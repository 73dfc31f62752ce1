/** What an amphora says of itself: the JSON inside a heartbeat (Octavia: amphorae/backends/health_daemon/health_daemon.py). */
import type { Counters } from '../db/listener-statistics.ts';
import { RejectedHeartbeat } from './envelope.ts';

export interface ReportedListener {
  /** OPEN or FULL. */
  readonly status: string;
  readonly counters: Counters;
}

export interface ReportedPool {
  /** UP or DOWN. */
  readonly status: string;
  /** By member id: UP, DOWN, DRAIN, MAINT, `no check`, RESTARTING, or HAProxy's `UP 1/3` while it makes up its mind. */
  readonly members: ReadonlyMap<string, string>;
}

export interface Heartbeat {
  readonly amphoraId: string;
  /** 3: counters are what was added since the message before. Below 3, and null when absent: since the listener started. */
  readonly version: number | null;
  readonly listeners: ReadonlyMap<string, ReportedListener>;
  /** By pool id; of a pool that several listeners use, the last report counts (upstream's rule). */
  readonly pools: ReadonlyMap<string, ReportedPool>;
}

type JsonObject = Readonly<Record<string, unknown>>;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function objectAt(value: unknown, path: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RejectedHeartbeat(`${path} is not an object`);
  }
  return value as JsonObject;
}

function textAt(value: unknown, path: string): string {
  if (typeof value !== 'string') throw new RejectedHeartbeat(`${path} is not a text`);
  return value;
}

function countAt(value: unknown, path: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new RejectedHeartbeat(`${path} is not a count`);
  return value as number;
}

function countersOf(stats: JsonObject, path: string): Counters {
  return {
    bytesIn: countAt(stats['rx'], `${path}.rx`),
    bytesOut: countAt(stats['tx'], `${path}.tx`),
    activeConnections: countAt(stats['conns'], `${path}.conns`),
    totalConnections: countAt(stats['totconns'], `${path}.totconns`),
    requestErrors: countAt(stats['ereq'], `${path}.ereq`),
  };
}

function listenersOf(message: JsonObject): ReadonlyMap<string, ReportedListener> {
  const listeners = Object.entries(objectAt(message['listeners'], 'listeners'));
  return new Map(
    listeners.map(([id, value]) => {
      const listener = objectAt(value, 'a listener');
      const status = textAt(listener['status'], 'the status of a listener');
      return [id, { status, counters: countersOf(objectAt(listener['stats'], 'stats'), 'stats') }];
    }),
  );
}

function poolOf(value: unknown): ReportedPool {
  const pool = objectAt(value, 'a pool');
  const members = Object.entries(objectAt(pool['members'], 'the members of a pool'));
  return {
    status: textAt(pool['status'], 'the status of a pool'),
    members: new Map(members.map(([id, status]) => [id, textAt(status, 'the status of a member')])),
  };
}

/** `pool:listener` from HAProxy, a bare pool id from keepalived. */
const poolIdOf = (key: string): string => (key.includes(':') ? key.slice(0, key.lastIndexOf(':')) : key);

function poolsIn(pools: unknown): [string, ReportedPool][] {
  return Object.entries(objectAt(pools, 'pools')).map(([key, pool]) => [poolIdOf(key), poolOf(pool)]);
}

/** Before version 2 each listener carries its pools, and of a pool in two listeners the first report counts. */
function poolsInListeners(message: JsonObject): ReadonlyMap<string, ReportedPool> {
  const listeners = Object.values(objectAt(message['listeners'], 'listeners'));
  const found = listeners.flatMap((listener) => poolsIn(objectAt(listener, 'a listener')['pools'] ?? {}));
  return new Map(found.reverse());
}

function parse(text: string): JsonObject {
  try {
    return objectAt(JSON.parse(text), 'the message');
  } catch (error) {
    throw error instanceof RejectedHeartbeat
      ? error
      : new RejectedHeartbeat('its content is not JSON', { cause: error });
  }
}

/** Reads a heartbeat. Throws RejectedHeartbeat that names the part that is wrong. */
export function parseHeartbeat(text: string): Heartbeat {
  const message = parse(text);
  const amphoraId = textAt(message['id'], 'id');
  if (!uuid.test(amphoraId)) throw new RejectedHeartbeat('id is not a UUID');
  const version = message['ver'] === undefined ? null : countAt(message['ver'], 'ver');
  const listeners = listenersOf(message);
  const pools = (version ?? 1) < 2 ? poolsInListeners(message) : new Map(poolsIn(message['pools'] ?? {}));
  return { amphoraId: amphoraId.toLowerCase(), version, listeners, pools };
}
