/** Brings what waits in the inbox into PostgreSQL, batch after batch, and waits for PostgreSQL when it is away. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Db } from '../db/database.ts';
import { writeBatch, type BatchReport } from './batch.ts';
import type { Complaints } from './complaints.ts';
import type { Inbox, PendingHeartbeat } from './inbox.ts';
import type { HealthMetrics } from './metrics.ts';

export interface WriterParts {
  readonly db: Db;
  readonly inbox: Inbox;
  readonly metrics: Pick<HealthMetrics, 'heartbeats' | 'flushSeconds'>;
  readonly complaints: Complaints;
  /** A heartbeat older than this, ms, says nothing of now. */
  readonly maxAgeMs: number;
}

const batchSize = 500;
const flushIntervalMs = 100;
const outageIntervalMs = 1_000;

/** True for an error that the same heartbeats would meet again: what they say does not fit into the tables. */
function isPoison(error: unknown): boolean {
  const dataException = '22';
  const constraintViolation = '23';
  if (error instanceof pg.DatabaseError)
    return [dataException, constraintViolation].includes(error.code?.slice(0, 2) ?? '');
  return error instanceof TypeError || error instanceof RangeError;
}

function account({ outcomes, troubles }: BatchReport, { metrics, complaints }: WriterParts): void {
  for (const [outcome, count] of outcomes) metrics.heartbeats.inc({ outcome }, count);
  for (const [message, details] of troubles) complaints.note(message, details);
}

/** Writes a batch; halves it until a heartbeat that cannot be written stands alone, and drops that one. Throws on an outage. */
async function write(parts: WriterParts, batch: readonly PendingHeartbeat[]): Promise<void> {
  try {
    account(await writeBatch(parts.db, batch, { maxAgeMs: parts.maxAgeMs, now: performance.now() }), parts);
  } catch (error) {
    if (!isPoison(error)) throw error;
    const [first, ...others] = batch;
    if (first === undefined || others.length === 0) {
      parts.metrics.heartbeats.inc({ outcome: 'poison' }, batch.length);
      parts.complaints.note('heartbeat that cannot be written', {
        amphoraId: first?.heartbeat.amphoraId,
        reason: (error as Error).message,
      });
      return;
    }
    const middle = Math.ceil(batch.length / 2);
    await write(parts, batch.slice(0, middle));
    await write(parts, batch.slice(middle));
  }
}

/** False when PostgreSQL was away: the batch is then back in the inbox. */
async function flush(parts: WriterParts): Promise<boolean> {
  const batch = parts.inbox.take(batchSize);
  const stop = parts.metrics.flushSeconds.startTimer();
  try {
    await write(parts, batch);
    return true;
  } catch (error) {
    parts.inbox.putBack(batch);
    parts.complaints.note('heartbeats wait for PostgreSQL', {
      waiting: parts.inbox.size,
      reason: (error as Error).message,
    });
    return false;
  } finally {
    stop();
  }
}

/** Waits, but no longer than until the signal ends. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

/** Runs until the signal ends, then writes what is left; what PostgreSQL does not take then is lost. */
export async function runWriter(parts: WriterParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    let there = true;
    while (there && parts.inbox.size > 0) there = await flush(parts);
    await pause(there ? flushIntervalMs : outageIntervalMs, signal);
  }
  while (parts.inbox.size > 0 && (await flush(parts))) continue;
}
