/** The status tree of a load balancer, in one statement (Octavia: api/v2/types/load_balancer.py, StatusResponse). */
import { sql } from 'kysely';
import type { Db } from './database.ts';

const members = sql`coalesce((select json_agg(json_build_object(
    'id', member.id, 'name', member.name, 'operating_status', member.operating_status,
    'provisioning_status', member.provisioning_status, 'address', member.address,
    'protocol_port', member.protocol_port) order by member.created_at, member.id)
  from member where member.pool_id = pool.id), '[]')`;

const healthMonitor = sql`(select json_build_object(
    'id', health_monitor.id, 'name', health_monitor.name, 'type', health_monitor.type,
    'provisioning_status', health_monitor.provisioning_status, 'operating_status', health_monitor.operating_status)
  from health_monitor where health_monitor.pool_id = pool.id)`;

const pools = sql`coalesce((select json_agg(json_build_object(
    'id', pool.id, 'name', pool.name, 'provisioning_status', pool.provisioning_status,
    'operating_status', pool.operating_status, 'health_monitor', ${healthMonitor}, 'members', ${members})
    order by pool.created_at, pool.id)
  from pool where pool.id = listener.default_pool_id), '[]')`;

const listeners = sql`coalesce((select json_agg(json_build_object(
    'id', listener.id, 'name', listener.name, 'operating_status', listener.operating_status,
    'provisioning_status', listener.provisioning_status, 'pools', ${pools})
    order by listener.created_at, listener.id)
  from listener where listener.load_balancer_id = load_balancer.id), '[]')`;

/** The tree, as the API shows it; pools that no listener uses are not in it. Null for an unknown load balancer. */
export async function statusTree(db: Db, id: string): Promise<unknown> {
  const { rows } = await sql<{ tree: unknown }>`
    select json_build_object('id', id, 'name', name, 'operating_status', operating_status,
      'provisioning_status', provisioning_status, 'listeners', ${listeners}) as tree
    from load_balancer where id = ${id}`.execute(db);
  return rows[0]?.tree ?? null;
}
