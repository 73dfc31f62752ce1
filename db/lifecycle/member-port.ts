/** The ports that amphorae have on member networks (Octavia: amphora_member_port). */
import type { Db } from '../database.ts';

/** Network → port of an amphora. */
export async function memberPortsOf(db: Db, amphoraId: string): Promise<ReadonlyMap<string, string>> {
  const rows = await db.selectFrom('amphora_member_port').selectAll().where('amphora_id', '=', amphoraId).execute();
  return new Map(rows.map((row) => [row.network_id, row.port_id]));
}

export async function findMemberPort(db: Db, amphoraId: string, networkId: string): Promise<string | null> {
  return (await memberPortsOf(db, amphoraId)).get(networkId) ?? null;
}

export async function addMemberPort(db: Db, amphoraId: string, networkId: string, portId: string): Promise<void> {
  await db
    .insertInto('amphora_member_port')
    .values({ amphora_id: amphoraId, network_id: networkId, port_id: portId })
    .onConflict((conflict) => conflict.columns(['amphora_id', 'network_id']).doUpdateSet({ port_id: portId }))
    .execute();
}

export async function removeMemberPort(db: Db, amphoraId: string, networkId: string): Promise<void> {
  await db
    .deleteFrom('amphora_member_port')
    .where('amphora_id', '=', amphoraId)
    .where('network_id', '=', networkId)
    .execute();
}
