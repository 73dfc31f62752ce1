/** Traffic counters (Octavia: common/stats.py). */
import { sql } from 'kysely';
import type { Db } from './database.ts';

export interface Counters {
  readonly bytes_in: number;
  readonly bytes_out: number;
  readonly active_connections: number;
  readonly total_connections: number;
  readonly request_errors: number;
}

const none: Counters = {
  bytes_in: 0,
  bytes_out: 0,
  active_connections: 0,
  total_connections: 0,
  request_errors: 0,
};

/** Sums over listeners and amphorae; connections are open only where an amphora is in service. */
async function sum(db: Db, scope: 'load_balancer' | 'listener', id: string): Promise<Counters> {
  const column = scope === 'listener' ? sql.ref('listener.id') : sql.ref('listener.load_balancer_id');
  const { rows } = await sql<Counters>`select
      coalesce(sum(s.bytes_in), 0)::bigint as bytes_in,
      coalesce(sum(s.bytes_out), 0)::bigint as bytes_out,
      coalesce(sum(s.active_connections) filter (where amphora.status in ('ALLOCATED', 'FAILOVER_STOPPED')), 0)::bigint as active_connections,
      coalesce(sum(s.total_connections), 0)::bigint as total_connections,
      coalesce(sum(s.request_errors), 0)::bigint as request_errors
    from listener_statistics s
    join listener on listener.id = s.listener_id
    left join amphora on amphora.id = s.amphora_id
    where ${column} = ${id}`.execute(db);
  return rows[0] ?? none;
}

export const loadBalancerStatistics = (db: Db, id: string): Promise<Counters> => sum(db, 'load_balancer', id);
export const listenerStatistics = (db: Db, id: string): Promise<Counters> => sum(db, 'listener', id);
