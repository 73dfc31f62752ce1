import { sql, type Kysely } from 'kysely';

/**
 * A member port says which subnets its amphora's interface is configured for, so that one which was made and never plugged is not
 * taken for one that serves. Of ports from before, and of those that an earlier build makes, nothing is known: the next change of members
 * plugs them once more.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table amphora_member_port add column plugged_subnet_ids uuid[] not null default '{}'`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table amphora_member_port drop column plugged_subnet_ids`.execute(db);
}
