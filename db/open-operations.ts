import { sql } from 'kysely';
import type { Db } from './database.ts';

/** How many operations have not ended. */
export async function countOpenOperations(db: Db): Promise<number> {
  const { count } = await unfinished(db)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

/** Seconds since the oldest operation that has not ended was asked for; 0 when there is none. */
export async function oldestOpenOperationSec(db: Db): Promise<number> {
  const { age } = await unfinished(db)
    .select(
      sql<number>`coalesce(extract(epoch from (clock_timestamp() at time zone 'utc') - min(created_at)), 0)::float8`.as(
        'age',
      ),
    )
    .executeTakeFirstOrThrow();
  return age;
}

function unfinished(db: Db) {
  return db.selectFrom('operation').where('state', 'in', ['accepted', 'started']);
}
