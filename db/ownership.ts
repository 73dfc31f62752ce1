/** Who owns what: asked to find what nobody owns. */
import { sql, type SqlBool } from 'kysely';
import type { AmphoraStatus } from '../model/status.ts';
import type { Db } from './database.ts';
import type { OperationRow } from './schema.ts';

const before = (ms: number) =>
  sql<string>`(clock_timestamp() at time zone 'utc') - make_interval(secs => ${ms / 1000})`;

/** Operations that were accepted more than `olderThanMs` ago and are not over, oldest first. */
export function openOperations(db: Db, olderThanMs: number): Promise<OperationRow[]> {
  return db
    .selectFrom('operation')
    .selectAll()
    .where('state', 'in', ['accepted', 'started'])
    .where('created_at', '<', before(olderThanMs))
    .orderBy('created_at')
    .execute();
}

export interface OwnerlessAmphora {
  readonly id: string;
  readonly loadBalancerId: string | null;
  readonly computeHost: string | null;
  readonly status: AmphoraStatus;
  /** Since when its row is as it is. */
  readonly since: string;
}

/**
 * Amphorae whose load balancer is gone, or which are being built or removed although no operation of their load balancer is
 * open; of these only those whose row is older than `olderThanMs`.
 */
export async function ownerlessAmphorae(db: Db, olderThanMs: number): Promise<readonly OwnerlessAmphora[]> {
  const { rows } = await sql<OwnerlessAmphora>`
    select amphora.id, amphora.load_balancer_id as "loadBalancerId", compute_host as "computeHost", status,
      coalesce(amphora.updated_at, amphora.created_at) as since
    from amphora left join load_balancer on load_balancer.id = amphora.load_balancer_id
    where status <> 'DELETED' and coalesce(amphora.updated_at, amphora.created_at) < ${before(olderThanMs)}
      and (load_balancer.id is null or provisioning_status = 'DELETED'
        or status in ('PENDING_CREATE', 'BOOTING', 'PENDING_DELETE'))
      and not exists (select 1 from operation where operation.load_balancer_id = amphora.load_balancer_id
        and state in ('accepted', 'started'))
    order by since`.execute(db);
  return rows;
}

/** The ids of all amphorae that a load balancer ever had. */
export async function amphoraIdsOf(db: Db, loadBalancerId: string): Promise<readonly string[]> {
  const rows = await db.selectFrom('amphora').select('id').where('load_balancer_id', '=', loadBalancerId).execute();
  return rows.map(({ id }) => id);
}

export interface LivingAmphora {
  readonly id: string;
  readonly computeId: string | null;
}

/** All amphorae that are not DELETED. */
export function livingAmphorae(db: Db): Promise<readonly LivingAmphora[]> {
  return db.selectFrom('amphora').select(['id', 'compute_id as computeId']).where('status', '<>', 'DELETED').execute();
}

/** Those of the load balancers that are gone, and were so for `olderThanMs`: none of their operations is open or ended since. */
export async function goneLoadBalancers(
  db: Db,
  ids: readonly string[],
  olderThanMs: number,
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`
    select asked.id from unnest(${[...ids]}::uuid[]) as asked(id)
    where not exists (select 1 from load_balancer where load_balancer.id = asked.id and provisioning_status <> 'DELETED')
      and not exists (select 1 from operation where operation.load_balancer_id = asked.id
        and (finished_at is null or finished_at >= ${before(olderThanMs)}))`.execute(db);
  return new Set(rows.map(({ id }) => id));
}

/** Those of the amphorae that are gone, and were so for `olderThanMs`. */
export async function goneAmphorae(db: Db, ids: readonly string[], olderThanMs: number): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`
    select asked.id from unnest(${[...ids]}::uuid[]) as asked(id)
    where not exists (select 1 from amphora where amphora.id = asked.id
      and (status <> 'DELETED' or coalesce(updated_at, created_at) >= ${before(olderThanMs)}))`.execute(db);
  return new Set(rows.map(({ id }) => id));
}

/** What load balancers are called, by id. */
export async function loadBalancerNames(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('load_balancer')
    .select(['id', 'name'])
    .where(sql<SqlBool>`id = any(${[...ids]}::uuid[])`)
    .execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}
