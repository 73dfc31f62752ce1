import { sql, type Kysely } from 'kysely';

/** The operation becomes a record that an operator can read; machines that boot take a place in a queue. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table operation
    add column user_id text,
    add column resource_name text not null default '',
    add column causes jsonb not null default '[]',
    add column steps jsonb not null default '[]'`.execute(db);
  await sql`create index operation_by_project on operation (project_id, created_at, id)`.execute(db);
  await sql`create index operation_by_age on operation (created_at, id)`.execute(db);
  await sql`create table build_slot (
    amphora_id uuid primary key references amphora on delete cascade,
    priority integer not null,
    requested_at timestamp not null default (clock_timestamp() at time zone 'utc'),
    taken_at timestamp
  )`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table build_slot`.execute(db);
  await sql`drop index operation_by_age`.execute(db);
  await sql`drop index operation_by_project`.execute(db);
  await sql`alter table operation
    drop column user_id, drop column resource_name, drop column causes, drop column steps`.execute(db);
}
