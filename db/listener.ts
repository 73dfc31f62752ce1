/** Listeners as the API reads and writes them. */
import { sql, type Insertable, type UpdateObject } from 'kysely';
import type { ListenerProtocol } from '../model/graph.ts';
import type { Db, Tx } from './database.ts';
import { utcNow } from './operation.ts';
import { commonColumns, currentSnapshot, paged, type ListTable, type Page } from './page.ts';
import type { Database, ListenerRow, ListenerTable } from './schema.ts';

export const listenerList = {
  table: 'listener',
  columns: {
    ...commonColumns,
    description: { column: 'description', kind: 'text' },
    loadbalancer_id: { column: 'load_balancer_id', kind: 'uuid' },
    protocol: { column: 'protocol', kind: 'text' },
    protocol_port: { column: 'protocol_port', kind: 'integer' },
    connection_limit: { column: 'connection_limit', kind: 'integer' },
    default_pool_id: { column: 'default_pool_id', kind: 'uuid', nullable: true },
    default_tls_container_ref: { column: 'default_tls_container_ref', kind: 'text', nullable: true },
    timeout_client_data: { column: 'timeout_client_data', kind: 'integer' },
    timeout_member_connect: { column: 'timeout_member_connect', kind: 'integer' },
    timeout_member_data: { column: 'timeout_member_data', kind: 'integer' },
    timeout_tcp_inspect: { column: 'timeout_tcp_inspect', kind: 'integer' },
    client_ca_tls_container_ref: { column: 'client_ca_tls_container_ref', kind: 'text', nullable: true },
    client_authentication: { column: 'client_authentication', kind: 'text' },
    client_crl_container_ref: { column: 'client_crl_container_ref', kind: 'text', nullable: true },
    tls_ciphers: { column: 'tls_ciphers', kind: 'text', nullable: true },
    hsts_max_age: { column: 'hsts_max_age', kind: 'integer', nullable: true },
    hsts_include_subdomains: { column: 'hsts_include_subdomains', kind: 'boolean' },
    hsts_preload: { column: 'hsts_preload', kind: 'boolean' },
  },
} as const satisfies ListTable;

export function findListener(db: Db, id: string): Promise<ListenerRow | undefined> {
  return db.selectFrom('listener').selectAll().where('id', '=', id).executeTakeFirst();
}

export function listListeners(db: Db, page: Page): Promise<(ListenerRow & { snapshot: string })[]> {
  return paged(db.selectFrom('listener').selectAll().select(currentSnapshot.as('snapshot')), page).execute();
}

/** The protocols of the listeners that a load balancer has on a port. */
export async function listenersOnPort(db: Db, loadBalancerId: string, port: number): Promise<ListenerProtocol[]> {
  const rows = await db
    .selectFrom('listener')
    .select('protocol')
    .where('load_balancer_id', '=', loadBalancerId)
    .where('protocol_port', '=', port)
    .execute();
  return rows.map((row) => row.protocol);
}

/** The port of HAProxy's peers section: 1025 for the first listener, then one more than the highest (Octavia: db/repositories.py). */
const nextPeerPort = (loadBalancerId: string) =>
  sql<number>`(select coalesce(max(peer_port), 1024) + 1 from listener where load_balancer_id = ${loadBalancerId})`;

export function insertListener(tx: Tx, row: Omit<Insertable<ListenerTable>, 'peer_port'>): Promise<ListenerRow> {
  return tx
    .insertInto('listener')
    .values({ ...row, peer_port: nextPeerPort(row.load_balancer_id) })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export function updateListener(
  tx: Tx,
  id: string,
  values: UpdateObject<Database, 'listener'>,
): Promise<ListenerRow | undefined> {
  return tx
    .updateTable('listener')
    .set({ ...values, updated_at: utcNow })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
}
