/** Operating statuses of a load balancer and its children: what heartbeats are compared with, and what they change. */
import { sql } from 'kysely';
import type { ListenerProtocol } from '../model/graph.ts';
import type { OperatingStatus, ProvisioningStatus } from '../model/status.ts';
import type { Tx } from './database.ts';
import { utcNow } from './operation.ts';

export interface StoredListener {
  readonly id: string;
  readonly protocol: ListenerProtocol;
  readonly adminStateUp: boolean;
  readonly defaultPoolId: string | null;
  readonly operatingStatus: OperatingStatus;
}

export interface StoredMember {
  readonly id: string;
  readonly adminStateUp: boolean;
  readonly operatingStatus: OperatingStatus;
}

export interface StoredPool {
  readonly id: string;
  readonly operatingStatus: OperatingStatus;
  readonly members: readonly StoredMember[];
}

export interface StoredStatuses {
  readonly id: string;
  readonly adminStateUp: boolean;
  readonly provisioningStatus: ProvisioningStatus;
  readonly operatingStatus: OperatingStatus;
  readonly listeners: readonly StoredListener[];
  readonly pools: readonly StoredPool[];
}

/** An amphora that exists, and what its load balancer looks like; null when that is gone. */
export interface KnownAmphora {
  readonly id: string;
  readonly statuses: StoredStatuses | null;
}

export const statusTables = ['load_balancer', 'listener', 'pool', 'member'] as const;
export type StatusTable = (typeof statusTables)[number];

export interface StatusChange {
  readonly table: StatusTable;
  readonly id: string;
  readonly from: OperatingStatus;
  readonly to: OperatingStatus;
}

const among = (column: string, ids: readonly string[]) => sql<boolean>`${sql.ref(column)} = any(${ids}::uuid[])`;

function groupBy<T>(rows: readonly T[], key: (row: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group === undefined) groups.set(key(row), [row]);
    else group.push(row);
  }
  return groups;
}

const amphoraeWithLoadBalancer = (tx: Tx, amphoraIds: readonly string[]) =>
  tx
    .selectFrom('amphora')
    .leftJoin('load_balancer', (join) =>
      join
        .onRef('load_balancer.id', '=', 'amphora.load_balancer_id')
        .on('load_balancer.provisioning_status', '<>', 'DELETED'),
    )
    .select([
      'amphora.id as amphora_id',
      'load_balancer.id',
      'load_balancer.admin_state_up',
      'load_balancer.provisioning_status',
      'load_balancer.operating_status',
    ])
    .where(among('amphora.id', amphoraIds))
    .where('amphora.status', '<>', 'DELETED')
    .execute();

async function listenersOf(tx: Tx, loadBalancerIds: readonly string[]) {
  const rows = await tx
    .selectFrom('listener')
    .select(['id', 'load_balancer_id', 'protocol', 'admin_state_up', 'default_pool_id', 'operating_status'])
    .where(among('load_balancer_id', loadBalancerIds))
    .execute();
  return groupBy(rows, (row) => row.load_balancer_id);
}

async function poolsOf(tx: Tx, loadBalancerIds: readonly string[]) {
  const rows = await tx
    .selectFrom('pool')
    .select(['id', 'load_balancer_id', 'operating_status'])
    .where(among('load_balancer_id', loadBalancerIds))
    .execute();
  return groupBy(rows, (row) => row.load_balancer_id);
}

async function membersOf(tx: Tx, loadBalancerIds: readonly string[]) {
  const rows = await tx
    .selectFrom('member')
    .innerJoin('pool', 'pool.id', 'member.pool_id')
    .select(['member.id', 'member.pool_id', 'member.admin_state_up', 'member.operating_status'])
    .where(among('pool.load_balancer_id', loadBalancerIds))
    .execute();
  return groupBy(rows, (row) => row.pool_id);
}

/**
 * The amphorae that exist among `amphoraIds`, each with the statuses of its load balancer: four statements, however many
 * there are (Octavia: repositories.py get_lb_from_amphora and prepare_healthcheck_data).
 */
export async function knownAmphorae(tx: Tx, amphoraIds: readonly string[]): Promise<KnownAmphora[]> {
  const amphorae = await amphoraeWithLoadBalancer(tx, amphoraIds);
  const ids = [...new Set(amphorae.flatMap((row) => row.id ?? []))];
  if (ids.length === 0) return amphorae.map((row) => ({ id: row.amphora_id, statuses: null }));
  const listeners = await listenersOf(tx, ids);
  const pools = await poolsOf(tx, ids);
  const members = await membersOf(tx, ids);
  return amphorae.map((row) => {
    if (row.id === null || row.provisioning_status === null || row.operating_status === null) {
      return { id: row.amphora_id, statuses: null };
    }
    const statuses = {
      id: row.id,
      adminStateUp: row.admin_state_up ?? false,
      provisioningStatus: row.provisioning_status,
      operatingStatus: row.operating_status,
      listeners: (listeners.get(row.id) ?? []).map((listener) => ({
        id: listener.id,
        protocol: listener.protocol,
        adminStateUp: listener.admin_state_up,
        defaultPoolId: listener.default_pool_id,
        operatingStatus: listener.operating_status,
      })),
      pools: (pools.get(row.id) ?? []).map((pool) => ({
        id: pool.id,
        operatingStatus: pool.operating_status,
        members: (members.get(pool.id) ?? []).map((member) => ({
          id: member.id,
          adminStateUp: member.admin_state_up,
          operatingStatus: member.operating_status,
        })),
      })),
    };
    return { id: row.amphora_id, statuses };
  });
}

/**
 * Writes changed statuses, one statement a table. A row that somebody else holds, or whose status is no longer `from`, is
 * left alone: a heartbeat must not wait for a flow, and the next one says it again.
 */
export async function writeStatuses(tx: Tx, changes: readonly StatusChange[]): Promise<void> {
  for (const table of statusTables) {
    const of = changes.filter((change) => change.table === table);
    if (of.length === 0) continue;
    const target = sql.table(table);
    await sql`
      with change as (
        select target.id, wanted.status
        from unnest(${of.map((change) => change.id)}::uuid[], ${of.map((change) => change.from)}::text[],
                    ${of.map((change) => change.to)}::text[]) as wanted (id, was, status)
        join ${target} as target on target.id = wanted.id and target.operating_status = wanted.was
        for update of target skip locked
      )
      update ${target} as target set operating_status = change.status, updated_at = ${utcNow}
      from change where target.id = change.id`.execute(tx);
  }
}
