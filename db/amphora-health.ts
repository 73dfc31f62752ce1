/** When each amphora was last heard of, and which are silent (Octavia: repositories.py AmphoraHealthRepository). */
import { sql } from 'kysely';
import { failoverable, type AmphoraStatus } from '../model/status.ts';
import type { Db, Tx } from './database.ts';
import { utcNow } from './operation.ts';

export interface Sighting {
  readonly amphoraId: string;
  /** How long ago, ms: spans need no agreement between this machine's clock and the database's. */
  readonly agoMs: number;
}

const before = (seconds: number) => sql<string>`(${utcNow} - make_interval(secs => ${seconds}))`;

/** Notes when amphorae were heard of. The row of one that is being deleted is not made anew. */
export async function recordSightings(tx: Tx, sightings: readonly Sighting[]): Promise<void> {
  if (sightings.length === 0) return;
  await sql`
    insert into amphora_health as stored (amphora_id, last_update)
    select amphora.id, ${utcNow} - make_interval(secs => seen.ago)
    from unnest(${sightings.map((sighting) => sighting.amphoraId)}::uuid[],
                ${sightings.map((sighting) => sighting.agoMs / 1000)}::double precision[]) as seen (id, ago)
    join amphora on amphora.id = seen.id and amphora.status not in ('PENDING_DELETE', 'DELETED')
    order by amphora.id
    on conflict (amphora_id) do update set last_update = greatest(stored.last_update, excluded.last_update)`.execute(
    tx,
  );
}

/**
 * Sightings that lie ahead are from before the database's clock was set back. They count as of now, or an amphora that died
 * since would look alive for as long as the clock was wrong.
 */
export async function recallFutureSightings(db: Db): Promise<number> {
  const result = await db
    .updateTable('amphora_health')
    .set({ last_update: utcNow })
    .where('last_update', '>', utcNow)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** What the database's clock shows, ms. */
export async function databaseClockMs(db: Db): Promise<number> {
  const { rows } = await sql<{ ms: number }>`select extract(epoch from clock_timestamp())::float8 * 1000 as ms`.execute(
    db,
  );
  return rows[0]?.ms ?? 0;
}

const guarded: readonly AmphoraStatus[] = ['ALLOCATED', 'FAILOVER_STOPPED'];

/** Amphorae that serve and have been heard of at least once, none of them being failed over. */
const guardedAmphorae = (db: Db) =>
  db
    .selectFrom('amphora_health')
    .innerJoin('amphora', 'amphora.id', 'amphora_health.amphora_id')
    .where('amphora.status', 'in', guarded)
    .where('amphora_health.busy', '=', false);

export interface Census {
  /** Amphorae in service that have been heard of at least once. */
  readonly known: number;
  /** Those of them that have been silent for too long. */
  readonly stale: number;
  /** Amphorae in service that have never been heard of although they have had the time. */
  readonly neverHeardOf: number;
}

/**
 * Whether an amphora has been heard of, and not for `timeoutSec`. Nothing is noted of one any more that is on its way out: it counts as
 * it was when it was marked.
 */
export async function isSilent(db: Db, amphoraId: string, timeoutSec: number): Promise<boolean> {
  const asOf = sql`case when amphora.status = 'PENDING_DELETE' then amphora.updated_at else ${utcNow} end`;
  const row = await db
    .selectFrom('amphora_health')
    .innerJoin('amphora', 'amphora.id', 'amphora_health.amphora_id')
    .select('amphora.id')
    .where('amphora.id', '=', amphoraId)
    .where(sql<boolean>`amphora_health.last_update < ${asOf} - make_interval(secs => ${timeoutSec})`)
    .executeTakeFirst();
  return row !== undefined;
}

/** Counts the amphorae in service. `timeoutSec`: seconds of silence after which one is stale. */
export async function census(db: Db, timeoutSec: number): Promise<Census> {
  const silent = sql<boolean>`amphora_health.last_update < ${before(timeoutSec)}`;
  const { known, stale } = await guardedAmphorae(db)
    .select((eb) => [eb.fn.countAll<number>().as('known'), eb.fn.countAll<number>().filterWhere(silent).as('stale')])
    .executeTakeFirstOrThrow();
  const { never } = await db
    .selectFrom('amphora')
    .leftJoin('amphora_health', 'amphora_health.amphora_id', 'amphora.id')
    .select((eb) => eb.fn.countAll<number>().as('never'))
    .where('amphora.status', '=', 'ALLOCATED')
    .where('amphora_health.amphora_id', 'is', null)
    .where(sql<boolean>`coalesce(amphora.updated_at, amphora.created_at) < ${before(timeoutSec)}`)
    .executeTakeFirstOrThrow();
  return { known, stale, neverHeardOf: never };
}

/** Marks every stale amphora FAILOVER_STOPPED; returns how many were not yet. */
export async function stopFailovers(db: Db, timeoutSec: number): Promise<number> {
  const result = await db
    .updateTable('amphora')
    .from('amphora_health')
    .set({ status: 'FAILOVER_STOPPED', updated_at: utcNow })
    .whereRef('amphora_health.amphora_id', '=', 'amphora.id')
    .where('amphora.status', '=', 'ALLOCATED')
    .where('amphora_health.busy', '=', false)
    .where('amphora_health.last_update', '<', before(timeoutSec))
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** Puts FAILOVER_STOPPED amphorae that are heard of again back to ALLOCATED; returns how many. */
export async function resumeFailovers(db: Db, timeoutSec: number): Promise<number> {
  const result = await db
    .updateTable('amphora')
    .from('amphora_health')
    .set({ status: 'ALLOCATED', updated_at: utcNow })
    .whereRef('amphora_health.amphora_id', '=', 'amphora.id')
    .where('amphora.status', '=', 'FAILOVER_STOPPED')
    .where('amphora_health.last_update', '>=', before(timeoutSec))
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

export interface LostAmphora {
  readonly amphoraId: string;
  readonly loadBalancerId: string;
}

/**
 * Locks the amphora that has been silent for longest among those whose load balancer may be failed over, and that load
 * balancer. Null when there is none. Rows that somebody else holds are passed over, so that one busy load balancer does not
 * keep the others waiting.
 */
export async function lockLostAmphora(tx: Tx, timeoutSec: number): Promise<LostAmphora | null> {
  const lost = await tx
    .selectFrom('amphora_health')
    .innerJoin('amphora', 'amphora.id', 'amphora_health.amphora_id')
    .innerJoin('load_balancer', 'load_balancer.id', 'amphora.load_balancer_id')
    .select(['amphora.id as amphoraId', 'load_balancer.id as loadBalancerId'])
    .where('amphora.status', 'in', guarded)
    .where('amphora_health.busy', '=', false)
    .where('amphora_health.last_update', '<', before(timeoutSec))
    .where('load_balancer.provisioning_status', 'in', failoverable)
    .orderBy('amphora_health.last_update')
    .limit(1)
    .forUpdate(['amphora_health', 'load_balancer'])
    .skipLocked()
    .executeTakeFirst();
  return lost ?? null;
}

/** Marks an amphora busy: nobody looks at its silence until its failover is over. */
export async function markHealthBusy(tx: Tx, amphoraId: string): Promise<void> {
  await tx.updateTable('amphora_health').set({ busy: true }).where('amphora_id', '=', amphoraId).execute();
}
