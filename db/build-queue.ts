/**
 * The queue of machines that may not all boot at once (Octavia: amphora_rate_limit.py). A place goes with the amphora's row, and
 * one whose operation is over counts no more, so that no failure, cancellation or death of a worker can use up the places.
 */
import { sql } from 'kysely';
import type { Db, Tx } from './database.ts';
import { utcNow } from './operation.ts';

export interface BuildRequest {
  readonly amphoraId: string;
  /** The lower the sooner; then the older. */
  readonly priority: number;
  /** Machines that may boot at the same time, over all workers. */
  readonly limit: number;
}

/** How a machine stands in the queue. */
export interface BuildTurn {
  /** Whether it may boot now, and has a place until it leaves. */
  readonly taken: boolean;
  /** ms since it first asked. */
  readonly waitedMs: number;
}

/** One decision at a time; any number that nobody else locks will do. */
const queueLock = 0x6275696c64;

/** Asks for a place, or for the one that it has. Null when the amphora has no row. */
export function askForBuildSlot(db: Db, { amphoraId, priority, limit }: BuildRequest): Promise<BuildTurn | null> {
  return db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${queueLock})`.execute(tx);
    await dropAbandoned(tx);
    await sql`insert into build_slot (amphora_id, priority)
      select id, ${priority} from amphora where id = ${amphoraId}
      on conflict (amphora_id) do nothing`.execute(tx);
    // As many of those who wait as there are free places may go: one that has died in front holds back nobody but itself.
    await sql`update build_slot set taken_at = ${utcNow} where amphora_id = (
      select amphora_id from (
        select amphora_id, row_number() over (order by priority, requested_at, amphora_id) as place
        from build_slot where taken_at is null) as waiting
      where amphora_id = ${amphoraId}
        and place <= ${limit} - (select count(*) from build_slot where taken_at is not null))`.execute(tx);
    return turnOf(tx, amphoraId);
  });
}

/** Gives the place up; waiting or booting, it is the next one's. */
export async function leaveBuildQueue(db: Db, amphoraId: string): Promise<void> {
  await db.deleteFrom('build_slot').where('amphora_id', '=', amphoraId).execute();
}

/** Places of amphorae whose operation is over: the one that runs now, if any, began after they asked. */
async function dropAbandoned(tx: Tx): Promise<void> {
  await sql`delete from build_slot where not exists (
    select 1 from amphora join operation on operation.load_balancer_id = amphora.load_balancer_id
    where amphora.id = build_slot.amphora_id
      and operation.state in ('accepted', 'started') and operation.created_at <= build_slot.requested_at)`.execute(tx);
}

async function turnOf(tx: Tx, amphoraId: string): Promise<BuildTurn | null> {
  const row = await tx
    .selectFrom('build_slot')
    .select(sql<boolean>`taken_at is not null`.as('taken'))
    .select(sql<number>`(extract(epoch from ${utcNow} - requested_at) * 1000)::float8`.as('waited'))
    .where('amphora_id', '=', amphoraId)
    .executeTakeFirst();
  return row === undefined ? null : { taken: row.taken, waitedMs: row.waited };
}
