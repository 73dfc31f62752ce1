/** Members as the API reads and writes them. */
import { sql, type Insertable, type UpdateObject } from 'kysely';
import type { Db, Tx } from './database.ts';
import { utcNow } from './operation.ts';
import { commonColumns, currentSnapshot, paged, type ListTable, type Page } from './page.ts';
import type { Database, MemberRow, MemberTable } from './schema.ts';

export const memberList = {
  table: 'member',
  columns: {
    ...commonColumns,
    pool_id: { column: 'pool_id', kind: 'uuid' },
    address: { column: 'address', kind: 'text' },
    protocol_port: { column: 'protocol_port', kind: 'integer' },
    weight: { column: 'weight', kind: 'integer' },
    backup: { column: 'backup', kind: 'boolean' },
    subnet_id: { column: 'subnet_id', kind: 'uuid', nullable: true },
    monitor_address: { column: 'monitor_address', kind: 'text', nullable: true },
    monitor_port: { column: 'monitor_port', kind: 'integer', nullable: true },
    vnic_type: { column: 'vnic_type', kind: 'text' },
  },
} as const satisfies ListTable;

export function findMember(db: Db, poolId: string, id: string): Promise<MemberRow | undefined> {
  return db.selectFrom('member').selectAll().where('id', '=', id).where('pool_id', '=', poolId).executeTakeFirst();
}

export function listMembers(db: Db, page: Page): Promise<(MemberRow & { snapshot: string })[]> {
  return paged(db.selectFrom('member').selectAll().select(currentSnapshot.as('snapshot')), page).execute();
}

export function membersOfPool(db: Db, poolId: string): Promise<MemberRow[]> {
  return db.selectFrom('member').selectAll().where('pool_id', '=', poolId).execute();
}

export function insertMember(tx: Tx, row: Insertable<MemberTable>): Promise<MemberRow> {
  return tx.insertInto('member').values(row).returningAll().executeTakeFirstOrThrow();
}

export function insertMembers(tx: Tx, rows: readonly Insertable<MemberTable>[]): Promise<MemberRow[]> {
  return rows.length === 0 ? Promise.resolve([]) : tx.insertInto('member').values(rows).returningAll().execute();
}

export function updateMember(
  tx: Tx,
  id: string,
  values: UpdateObject<Database, 'member'>,
): Promise<MemberRow | undefined> {
  return tx
    .updateTable('member')
    .set({ ...values, updated_at: utcNow })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
}

/** What a batch makes of one member; null leaves the column as it is, but for the monitor's address and port. */
export interface MemberChange {
  readonly id: string;
  readonly name: string | null;
  readonly tags: readonly string[] | null;
  readonly subnet_id: string | null;
  readonly weight: number;
  readonly backup: boolean;
  readonly admin_state_up: boolean;
  readonly monitor_address: string | null;
  readonly monitor_port: number | null;
}

/** Changes many members in one statement and sets them to PENDING_UPDATE. */
export async function updateMembers(tx: Tx, changes: readonly MemberChange[]): Promise<void> {
  if (changes.length === 0) return;
  await sql`
    update member set
      name = coalesce(change.name, member.name),
      tags = coalesce(change.tags, member.tags),
      subnet_id = coalesce(change.subnet_id, member.subnet_id),
      weight = change.weight,
      backup = change.backup,
      admin_state_up = change.admin_state_up,
      monitor_address = change.monitor_address,
      monitor_port = change.monitor_port,
      provisioning_status = 'PENDING_UPDATE',
      updated_at = ${utcNow}
    from jsonb_to_recordset(${JSON.stringify(changes)}::jsonb) as change (
      id uuid, name text, tags text[], subnet_id uuid, weight integer, backup boolean, admin_state_up boolean,
      monitor_address text, monitor_port integer)
    where member.id = change.id`.execute(tx);
}

export async function markMembersPendingDelete(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .updateTable('member')
    .set({ provisioning_status: 'PENDING_DELETE', updated_at: utcNow })
    .where('id', 'in', ids)
    .execute();
}
