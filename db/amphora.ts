/** Amphorae as the API reads them. */
import { sql, type Expression, type SqlBool } from 'kysely';
import type { Db } from './database.ts';
import { currentSnapshot, paged, type ListTable, type Page } from './page.ts';
import type { AmphoraRow } from './schema.ts';

/** An amphora and the project of its load balancer. */
export interface AmphoraWithProject extends AmphoraRow {
  readonly project_id: string;
}

export const amphoraList = {
  table: 'amphora',
  untagged: true,
  columns: {
    id: { column: 'id', kind: 'uuid' },
    loadbalancer_id: { column: 'load_balancer_id', kind: 'uuid', nullable: true },
    compute_id: { column: 'compute_id', kind: 'text', nullable: true },
    lb_network_ip: { column: 'lb_network_ip', kind: 'text', nullable: true },
    vrrp_ip: { column: 'vrrp_ip', kind: 'text', nullable: true },
    ha_ip: { column: 'ha_ip', kind: 'text', nullable: true },
    vrrp_port_id: { column: 'vrrp_port_id', kind: 'uuid', nullable: true },
    ha_port_id: { column: 'ha_port_id', kind: 'uuid', nullable: true },
    cert_expiration: { column: 'cert_expiration', kind: 'timestamp', nullable: true },
    cert_busy: { column: 'cert_busy', kind: 'boolean' },
    role: { column: 'role', kind: 'text', nullable: true },
    status: { column: 'status', kind: 'text' },
    vrrp_interface: { column: 'vrrp_interface', kind: 'text', nullable: true },
    vrrp_id: { column: 'vrrp_id', kind: 'integer', nullable: true },
    vrrp_priority: { column: 'vrrp_priority', kind: 'integer', nullable: true },
    cached_zone: { column: 'cached_zone', kind: 'text', nullable: true },
    image_id: { column: 'image_id', kind: 'text', nullable: true },
    compute_flavor: { column: 'compute_flavor', kind: 'text', nullable: true },
    created_at: { column: 'created_at', kind: 'timestamp' },
    updated_at: { column: 'updated_at', kind: 'timestamp', nullable: true },
  },
} as const satisfies ListTable;

const living = (db: Db) => db.selectFrom('amphora').selectAll('amphora').where('amphora.status', '<>', 'DELETED');

export function findAmphora(db: Db, id: string): Promise<AmphoraWithProject | undefined> {
  return living(db)
    .leftJoin('load_balancer', 'load_balancer.id', 'amphora.load_balancer_id')
    .select((eb) => eb.fn.coalesce('load_balancer.project_id', sql<string>`''`).as('project_id'))
    .where('amphora.id', '=', id)
    .executeTakeFirst();
}

export function listAmphorae(db: Db, page: Page): Promise<(AmphoraRow & { snapshot: string })[]> {
  return paged(living(db).select(currentSnapshot.as('snapshot')), page).execute();
}

/** An amphora is of the project that its load balancer is of. */
export function amphoraOfProject(projectId: string): Expression<SqlBool> {
  return sql<SqlBool>`exists (
    select 1 from load_balancer where load_balancer.id = amphora.load_balancer_id and project_id = ${projectId})`;
}

export interface AmphoraStatistics {
  readonly active_connections: number;
  readonly bytes_in: number;
  readonly bytes_out: number;
  readonly id: string;
  readonly listener_id: string;
  readonly loadbalancer_id: string;
  readonly request_errors: number;
  readonly total_connections: number;
}

/** One entry for each listener that the amphora has reported. */
export function amphoraStatistics(db: Db, id: string): Promise<AmphoraStatistics[]> {
  return db
    .selectFrom('listener_statistics as s')
    .innerJoin('listener', 'listener.id', 's.listener_id')
    .select(['s.active_connections', 's.bytes_in', 's.bytes_out', 's.amphora_id as id', 's.listener_id'])
    .select(['listener.load_balancer_id as loadbalancer_id', 's.request_errors', 's.total_connections'])
    .where('s.amphora_id', '=', id)
    .orderBy('listener.created_at')
    .execute();
}
