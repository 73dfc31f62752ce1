/** Statistics of a listener, one row for each amphora that serves it (Octavia: repositories.py ListenerStatisticsRepository). */
import { sql } from 'kysely';
import type { Tx } from './database.ts';

/** Bytes and counts. `activeConnections` is a level, the others only grow. */
export interface Counters {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly activeConnections: number;
  readonly totalConnections: number;
  readonly requestErrors: number;
}

export interface ReportedCounters {
  readonly listenerId: string;
  readonly amphoraId: string;
  readonly counters: Counters;
}

/** bigint is read as a number, so no counter may leave the range in which numbers are exact. */
const ceiling = sql.raw(String(Number.MAX_SAFE_INTEGER));

const added = (column: string) =>
  sql`${sql.ref(column)} = least(stored.${sql.ref(column)} + excluded.${sql.ref(column)}, ${ceiling})`;
const replaced = (column: string) => sql`${sql.ref(column)} = excluded.${sql.ref(column)}`;

/** Adds to what is stored (`add`) or takes its place (`replace`); a listener deleted meanwhile is passed over. */
export async function recordStatistics(
  tx: Tx,
  mode: 'add' | 'replace',
  reports: readonly ReportedCounters[],
): Promise<void> {
  if (reports.length === 0) return;
  const count = mode === 'add' ? added : replaced;
  const column = (of: (counters: Counters) => number) => reports.map((report) => of(report.counters));
  await sql`
    insert into listener_statistics as stored
      (listener_id, amphora_id, bytes_in, bytes_out, active_connections, total_connections, request_errors)
    select report.*
    from unnest(
      ${reports.map((report) => report.listenerId)}::uuid[], ${reports.map((report) => report.amphoraId)}::uuid[],
      ${column((counters) => counters.bytesIn)}::bigint[], ${column((counters) => counters.bytesOut)}::bigint[],
      ${column((counters) => counters.activeConnections)}::bigint[],
      ${column((counters) => counters.totalConnections)}::bigint[],
      ${column((counters) => counters.requestErrors)}::bigint[]
    ) as report (listener_id, amphora_id, bytes_in, bytes_out, active_connections, total_connections, request_errors)
    join listener on listener.id = report.listener_id
    on conflict (listener_id, amphora_id) do update set
      ${sql.join([
        ...['bytes_in', 'bytes_out', 'total_connections', 'request_errors'].map(count),
        replaced('active_connections'),
      ])}`.execute(tx);
}
