import { poolStatuses, type PoolStatus, type StatsRow } from '../haproxy/stats.ts';
import { countersOf, type CounterStore } from './counters.ts';

/** Version of the message's form: 3 says that the statistics are deltas (Octavia: health_daemon.py, MSG_VER). */
const messageVersion = 3;

export interface ListenerReport {
  readonly status: string;
  /** Bytes out and in, sessions now and new ones, request errors; all but `conns` since the last message. */
  readonly stats: {
    readonly tx: number;
    readonly rx: number;
    readonly conns: number;
    readonly totconns: number;
    readonly ereq: number;
  };
}

export interface HeartbeatMessage {
  readonly id: string;
  readonly seq: number;
  readonly listeners: Readonly<Record<string, ListenerReport>>;
  readonly pools: Readonly<Record<string, PoolStatus>>;
  readonly ver: number;
}

/** Builds the message from the statistics of every HAProxy that runs. Advances the counters. */
export function buildMessage(
  amphoraId: string,
  seq: number,
  rows: readonly StatsRow[],
  counters: CounterStore,
): HeartbeatMessage {
  const frontends = rows.filter(({ svname }) => svname === 'FRONTEND');
  const listeners = frontends.map((row): [string, ListenerReport] => {
    const id = row['pxname'] ?? '';
    return [id, report(row, counters.advance(id, countersOf(row)))];
  });
  return {
    id: amphoraId,
    seq,
    listeners: Object.fromEntries(listeners),
    pools: poolStatuses(rows),
    ver: messageVersion,
  };
}

function report(row: StatsRow, delta: ReturnType<CounterStore['advance']>): ListenerReport {
  const conns = Number(row['scur'] ?? 0) || 0;
  const stats = { tx: delta.bout, rx: delta.bin, conns, totconns: delta.stot, ereq: delta.ereq };
  return { status: row['status'] ?? '', stats };
}
