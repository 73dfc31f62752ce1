import { sql, type Kysely } from 'kysely';

/** An operation keeps the body of the request that asked for it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table operation add column asked jsonb`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table operation drop column asked`.execute(db);
}
