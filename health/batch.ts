/** One batch of heartbeats into PostgreSQL: a transaction of at most a dozen statements, whatever its size. */
import { recordSightings, type Sighting } from '../db/amphora-health.ts';
import type { Db, Tx } from '../db/database.ts';
import { recordStatistics, type ReportedCounters } from '../db/listener-statistics.ts';
import { knownAmphorae, writeStatuses, type StatusChange, type StoredStatuses } from '../db/operating-status.ts';
import { countsDeltas, type PendingHeartbeat } from './inbox.ts';
import type { HeartbeatOutcome } from './metrics.ts';
import { applyChanges, judge } from './statuses.ts';

export interface BatchReport {
  readonly outcomes: ReadonlyMap<HeartbeatOutcome, number>;
  /** One example of each trouble met, for the log. */
  readonly troubles: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

/** What a batch comes to, heartbeat by heartbeat. Of two amphorae of one load balancer the later report counts. */
class Digest {
  readonly outcomes = new Map<HeartbeatOutcome, number>();
  readonly troubles = new Map<string, Readonly<Record<string, unknown>>>();
  readonly sightings: Sighting[] = [];
  readonly deltas: ReportedCounters[] = [];
  readonly totals: ReportedCounters[] = [];
  readonly #current = new Map<string, StoredStatuses>();
  readonly #changes = new Map<string, StatusChange>();

  get changes(): StatusChange[] {
    return [...this.#changes.values()].filter((change) => change.from !== change.to);
  }

  count(outcome: HeartbeatOutcome): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }

  addCounters({ heartbeat, counters }: PendingHeartbeat, statuses: StoredStatuses): void {
    const reports = countsDeltas(heartbeat) ? this.deltas : this.totals;
    for (const { id } of statuses.listeners) {
      const ofListener = counters.get(id);
      if (ofListener === undefined) continue;
      reports.push({ listenerId: id, amphoraId: heartbeat.amphoraId, counters: ofListener });
    }
  }

  addStatuses({ heartbeat }: PendingHeartbeat, agoMs: number, loaded: StoredStatuses): void {
    const { amphoraId } = heartbeat;
    const statuses = this.#current.get(loaded.id) ?? loaded;
    const { changes, complete, unknownWords } = judge(statuses, heartbeat);
    this.#current.set(loaded.id, applyChanges(statuses, changes));
    for (const change of changes) {
      const key = `${change.table}/${change.id}`;
      this.#changes.set(key, { ...change, from: this.#changes.get(key)?.from ?? change.from });
    }
    for (const word of unknownWords) this.troubles.set('heartbeat with an unknown status', { amphoraId, word });
    if (complete) this.sightings.push({ amphoraId, agoMs });
    else this.troubles.set('amphora does not run the listeners that it should', { amphoraId });
    this.count(complete ? 'written' : 'incomplete');
  }
}

export interface BatchOptions {
  /** A heartbeat this old, ms, says nothing of now; only its counters are recorded. */
  readonly maxAgeMs: number;
  /** Monotonic, ms. */
  readonly now: number;
}

async function digest(tx: Tx, batch: readonly PendingHeartbeat[], options: BatchOptions): Promise<Digest> {
  const result = new Digest();
  const amphorae = await knownAmphorae(
    tx,
    batch.map(({ heartbeat }) => heartbeat.amphoraId),
  );
  const known = new Map(amphorae.map(({ id, statuses }) => [id, statuses]));
  for (const pending of batch) {
    const { amphoraId } = pending.heartbeat;
    const statuses = known.get(amphoraId);
    const agoMs = options.now - pending.receivedAt;
    if (statuses === undefined) {
      result.troubles.set('heartbeat of an amphora that no row knows', { amphoraId });
      result.count('unknown_amphora');
    } else if (statuses === null) {
      // Octavia deletes the compute instance right here; ours is housekeeping's to reap, which knows how old it is.
      result.troubles.set('heartbeat of an amphora whose load balancer is gone', { amphoraId });
      result.count('orphan');
    } else {
      result.addCounters(pending, statuses);
      if (agoMs < options.maxAgeMs) result.addStatuses(pending, agoMs, statuses);
      else result.count('too_old');
    }
  }
  return result;
}

/** Writes a batch, all of it or nothing. Throws what PostgreSQL or the connection throws. */
export function writeBatch(db: Db, batch: readonly PendingHeartbeat[], options: BatchOptions): Promise<BatchReport> {
  return db.transaction().execute(async (tx) => {
    const result = await digest(tx, batch, options);
    await recordSightings(tx, result.sightings);
    await recordStatistics(tx, 'add', result.deltas);
    await recordStatistics(tx, 'replace', result.totals);
    await writeStatuses(tx, result.changes);
    return { outcomes: result.outcomes, troubles: result.troubles };
  });
}
