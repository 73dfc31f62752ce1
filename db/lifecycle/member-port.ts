/** The ports that amphorae have on member networks (Octavia: amphora_member_port). */
import { sql } from 'kysely';
import type { Db } from '../database.ts';

export interface MemberPort {
  readonly portId: string;
  readonly networkId: string;
  /** The subnets that the amphora's interface is configured for; none until it is. */
  readonly pluggedSubnetIds: readonly string[];
}

/** The ports of an amphora, one for each network. */
export async function memberPortsOf(db: Db, amphoraId: string): Promise<readonly MemberPort[]> {
  const rows = await db.selectFrom('amphora_member_port').selectAll().where('amphora_id', '=', amphoraId).execute();
  return rows.map((row) => ({
    portId: row.port_id,
    networkId: row.network_id,
    pluggedSubnetIds: row.plugged_subnet_ids,
  }));
}

export async function findMemberPort(db: Db, amphoraId: string, networkId: string): Promise<string | null> {
  const row = await db
    .selectFrom('amphora_member_port')
    .select('port_id')
    .where('amphora_id', '=', amphoraId)
    .where('network_id', '=', networkId)
    .executeTakeFirst();
  return row?.port_id ?? null;
}

/** Notes which subnets the amphora's interface on the port is configured for; none before it is taken away. */
export async function markMemberPortPlugged(db: Db, portId: string, subnetIds: readonly string[]): Promise<void> {
  await db
    .updateTable('amphora_member_port')
    .set({ plugged_subnet_ids: [...subnetIds] })
    .where('port_id', '=', portId)
    .execute();
}

/** Notes the port of an amphora on a network. Another port than the one that was noted is not plugged yet. */
export async function addMemberPort(db: Db, amphoraId: string, networkId: string, portId: string): Promise<void> {
  await db
    .insertInto('amphora_member_port')
    .values({ amphora_id: amphoraId, network_id: networkId, port_id: portId })
    .onConflict((conflict) =>
      conflict.columns(['amphora_id', 'network_id']).doUpdateSet({
        port_id: portId,
        plugged_subnet_ids: sql`case when amphora_member_port.port_id = excluded.port_id
          then amphora_member_port.plugged_subnet_ids else '{}' end`,
      }),
    )
    .execute();
}

export async function removeMemberPort(db: Db, amphoraId: string, networkId: string): Promise<void> {
  await db
    .deleteFrom('amphora_member_port')
    .where('amphora_id', '=', amphoraId)
    .where('network_id', '=', networkId)
    .execute();
}
