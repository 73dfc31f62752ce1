/** Heartbeats that wait for PostgreSQL: the newest of each amphora, with the counters of those that it overtook. */
import type { Counters } from '../db/listener-statistics.ts';
import type { Heartbeat } from './heartbeat.ts';

export interface PendingHeartbeat {
  readonly heartbeat: Heartbeat;
  /** Of this process's monotonic clock, ms. */
  readonly receivedAt: number;
  /** By listener id: what is to be recorded, which for counters that are deltas is more than the newest heartbeat says. */
  readonly counters: ReadonlyMap<string, Counters>;
}

/** Counters are deltas from this version of the message on. */
const deltaVersion = 3;

export const countsDeltas = (heartbeat: Heartbeat): boolean => (heartbeat.version ?? 1) >= deltaVersion;

function sum(older: Counters, newer: Counters): Counters {
  return {
    bytesIn: older.bytesIn + newer.bytesIn,
    bytesOut: older.bytesOut + newer.bytesOut,
    activeConnections: newer.activeConnections,
    totalConnections: older.totalConnections + newer.totalConnections,
    requestErrors: older.requestErrors + newer.requestErrors,
  };
}

function overtake(older: PendingHeartbeat, newer: PendingHeartbeat): PendingHeartbeat {
  if (!countsDeltas(newer.heartbeat) || !countsDeltas(older.heartbeat)) return newer;
  const counters = new Map(older.counters);
  for (const [id, ofNewer] of newer.counters) {
    const ofOlder = older.counters.get(id);
    counters.set(id, ofOlder === undefined ? ofNewer : sum(ofOlder, ofNewer));
  }
  return { ...newer, counters };
}

function pending(heartbeat: Heartbeat, receivedAt: number): PendingHeartbeat {
  const counters = new Map([...heartbeat.listeners].map(([id, listener]) => [id, listener.counters]));
  return { heartbeat, receivedAt, counters };
}

/** Holds at most `capacity` amphorae; takes them out in the order in which they came. */
export class Inbox {
  readonly #capacity: number;
  readonly #waiting = new Map<string, PendingHeartbeat>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** False when there is no room for one more amphora. */
  put(heartbeat: Heartbeat, receivedAt: number): boolean {
    const arrived = pending(heartbeat, receivedAt);
    const waiting = this.#waiting.get(heartbeat.amphoraId);
    if (waiting === undefined && this.#waiting.size >= this.#capacity) return false;
    this.#waiting.set(heartbeat.amphoraId, waiting === undefined ? arrived : overtake(waiting, arrived));
    return true;
  }

  take(limit: number): PendingHeartbeat[] {
    const batch: PendingHeartbeat[] = [];
    for (const [amphoraId, waiting] of this.#waiting) {
      if (batch.length >= limit) break;
      batch.push(waiting);
      this.#waiting.delete(amphoraId);
    }
    return batch;
  }

  /** Puts a batch back that could not be written; what came meanwhile is newer. */
  putBack(batch: readonly PendingHeartbeat[]): void {
    for (const older of batch) {
      const newer = this.#waiting.get(older.heartbeat.amphoraId);
      this.#waiting.set(older.heartbeat.amphoraId, newer === undefined ? older : overtake(older, newer));
    }
  }
}
