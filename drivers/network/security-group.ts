/**
 * The group `lb-<load balancer>`. It also is the thread that holds a load balancer's ports together: the VIP port (a user's own
 * too) and the VRRP ports carry its id from the moment they are made.
 */
import { sql } from 'kysely';
import type { Db, Tx } from '../../db/database.ts';
import type { SecurityRule } from './contract.ts';

export const vipGroupName = (loadBalancerId: string): string => `lb-${loadBalancerId}`;

export async function findGroup(db: Db, loadBalancerId: string): Promise<string | null> {
  const name = vipGroupName(loadBalancerId);
  return (await db.selectFrom('security_group').select('id').where('name', '=', name).executeTakeFirst())?.id ?? null;
}

/** Finds or makes the group and returns its id. */
export async function ensureGroup(tx: Tx, loadBalancerId: string, projectId: string | null): Promise<string> {
  const made = await tx
    .insertInto('security_group')
    .values({ name: vipGroupName(loadBalancerId), project_id: projectId, rules: '[]' })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (made !== undefined) return made.id;
  const row = await tx
    .selectFrom('security_group')
    .select('id')
    .where('name', '=', vipGroupName(loadBalancerId))
    .executeTakeFirstOrThrow();
  return row.id;
}

export async function replaceRules(tx: Tx, groupId: string, rules: readonly SecurityRule[]): Promise<void> {
  await tx
    .updateTable('security_group')
    .set({ rules: JSON.stringify(rules) })
    .where('id', '=', groupId)
    .execute();
}

/** Puts the group on a port that does not carry it yet. */
export async function addGroupToPort(tx: Tx, portId: string, groupId: string): Promise<void> {
  await tx
    .updateTable('port')
    .set({ security_group_ids: sql<string[]>`array_append(security_group_ids, ${groupId}::uuid)` })
    .where('id', '=', portId)
    .where(sql<boolean>`not (${groupId}::uuid = any(security_group_ids))`)
    .execute();
}

/** Takes the group off all ports and deletes it. */
export async function deleteGroup(tx: Tx, groupId: string): Promise<void> {
  await tx
    .updateTable('port')
    .set({ security_group_ids: sql<string[]>`array_remove(security_group_ids, ${groupId}::uuid)` })
    .where(sql<boolean>`${groupId}::uuid = any(security_group_ids)`)
    .execute();
  await tx.deleteFrom('security_group').where('id', '=', groupId).execute();
}
