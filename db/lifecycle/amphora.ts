/** The life of an amphora's row (Octavia: database_tasks.py, the amphora tasks). Every function may be called twice with one effect. */
import type { Amphora } from '../../model/graph.ts';
import { vrrpPriority, type AmphoraRole, type AmphoraStatus } from '../../model/status.ts';
import type { Db, Tx } from '../database.ts';
import { amphoraOf } from '../graph.ts';
import { utcNow } from '../operation.ts';
import type { AmphoraRow } from '../schema.ts';

export interface NewAmphoraRow {
  readonly id: string;
  readonly loadBalancerId: string;
  readonly role: AmphoraRole;
  readonly computeHost: string | null;
  /** ISO 8601, UTC. */
  readonly certExpiration: string;
  readonly sealedPem: string;
}

/** Writes the row of an amphora to be booted, with its sealed certificate. */
export async function insertAmphora(tx: Tx, amphora: NewAmphoraRow): Promise<void> {
  await tx
    .insertInto('amphora')
    .values({
      id: amphora.id,
      load_balancer_id: amphora.loadBalancerId,
      role: amphora.role,
      vrrp_priority: vrrpPriority[amphora.role],
      compute_host: amphora.computeHost,
      status: 'PENDING_CREATE',
      cert_expiration: amphora.certExpiration,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  await tx
    .insertInto('amphora_certificate')
    .values({ amphora_id: amphora.id, sealed_pem: amphora.sealedPem })
    .onConflict((conflict) => conflict.column('amphora_id').doNothing())
    .execute();
}

/** Removes the row of an amphora that never served, with all that hangs from it (Octavia: CreateAmphoraInDB.revert). */
export async function forgetAmphora(db: Db, id: string): Promise<void> {
  await db.deleteFrom('amphora_health').where('amphora_id', '=', id).execute();
  await db.deleteFrom('amphora').where('id', '=', id).execute();
}

/** The row of an amphora, or null. */
export async function findAmphora(db: Db, id: string): Promise<Amphora | null> {
  const row = await db.selectFrom('amphora').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : amphoraOf(row);
}

/** Whether an amphora is no more: it has no row, or is DELETED. */
export async function isAmphoraGone(db: Db, id: string): Promise<boolean> {
  const amphora = await findAmphora(db, id);
  return amphora === null || amphora.status === 'DELETED';
}

/** The amphora's certificate as it was sealed, or null. */
export async function sealedCertificate(db: Db, id: string): Promise<string | null> {
  const row = await db
    .selectFrom('amphora_certificate')
    .select('sealed_pem')
    .where('amphora_id', '=', id)
    .executeTakeFirst();
  return row?.sealed_pem ?? null;
}

type AmphoraChange = Partial<Omit<AmphoraRow, 'id' | 'created_at' | 'updated_at'>>;

/** Writes columns of an amphora's row. */
export async function updateAmphora(db: Db, id: string, change: AmphoraChange): Promise<void> {
  await db
    .updateTable('amphora')
    .set({ ...change, updated_at: utcNow })
    .where('id', '=', id)
    .execute();
}

/** BOOTING, with the id of its machine. False for an amphora that is past that: a step that was away must not call it back. */
export function markAmphoraBooting(db: Db, id: string, computeId: string): Promise<boolean> {
  return advance(db, id, ['PENDING_CREATE', 'BOOTING'], { status: 'BOOTING', compute_id: computeId });
}

/** ALLOCATED. False for an amphora that was given up meanwhile. */
export function markAmphoraAllocated(db: Db, id: string): Promise<boolean> {
  return advance(db, id, ['PENDING_CREATE', 'BOOTING', 'ALLOCATED'], { status: 'ALLOCATED' });
}

async function advance(db: Db, id: string, from: readonly AmphoraStatus[], change: AmphoraChange): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('amphora')
    .set({ ...change, updated_at: utcNow })
    .where('id', '=', id)
    .where('status', 'in', from)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** PENDING_DELETE, and busy, so that no failover starts for it (MarkAmphoraPendingDeleteInDB, MarkAmphoraHealthBusy). */
export async function markAmphoraPendingDelete(tx: Tx, id: string): Promise<void> {
  await updateAmphora(tx, id, { status: 'PENDING_DELETE' });
  await tx.updateTable('amphora_health').set({ busy: true }).where('amphora_id', '=', id).execute();
}

/** ERROR, for an amphora whose replacement failed: it may serve on. One that is gone meanwhile stays gone. */
export async function markAmphoraFailed(db: Db, id: string): Promise<void> {
  await advance(db, id, ['PENDING_DELETE'], { status: 'ERROR' });
}

/** DELETED, and no longer watched (MarkAmphoraDeletedInDB, DisableAmphoraHealthMonitoring). Its certificate goes at once. */
export async function markAmphoraDeleted(db: Db, id: string): Promise<void> {
  await db.deleteFrom('amphora_certificate').where('amphora_id', '=', id).execute();
  await db.deleteFrom('amphora_member_port').where('amphora_id', '=', id).execute();
  await db.deleteFrom('amphora_health').where('amphora_id', '=', id).execute();
  await updateAmphora(db, id, { status: 'DELETED' });
}
