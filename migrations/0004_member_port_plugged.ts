import { sql, type Kysely } from 'kysely';

/**
 * A member port says through which subnets its amphora reaches members, so that one which was made and never plugged is not taken
 * for one that serves. Ports from before count as plugged in the subnets that they have; where those are a cloud's matter they
 * are plugged once more by the next change.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table amphora_member_port add column plugged_subnet_ids uuid[]`.execute(db);
  await sql`update amphora_member_port m set plugged_subnet_ids =
    array(select a.subnet_id from port_address a where a.port_id = m.port_id order by a.subnet_id)`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table amphora_member_port drop column plugged_subnet_ids`.execute(db);
}
