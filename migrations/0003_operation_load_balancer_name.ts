import { sql, type Kysely } from 'kysely';

/** An operation says which load balancer it was about when the load balancer is gone. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table operation add column load_balancer_name text not null default ''`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table operation drop column load_balancer_name`.execute(db);
}
