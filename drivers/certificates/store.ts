/** The table of authorities. */
import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';

export interface StoredAuthority {
  readonly id: string;
  readonly certificatePem: string;
  readonly sealedKey: string;
  readonly notAfter: Date;
}

export interface NewAuthority {
  readonly certificatePem: string;
  readonly sealedKey: string;
  readonly notAfter: Date;
}

/** A date as the database keeps it: UTC, without a zone. */
const stored = (date: Date): string => date.toISOString().replace('Z', '');
const read = (text: string): Date => new Date(`${text.replace(' ', 'T')}Z`);

/** Those that are still valid, the newest first. */
export async function validAuthorities(db: Db, now: Date): Promise<readonly StoredAuthority[]> {
  const rows = await db
    .selectFrom('certificate_authority')
    .selectAll()
    .where('not_after', '>', stored(now))
    .orderBy('created_at', 'desc')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    certificatePem: row.certificate_pem,
    sealedKey: row.sealed_key,
    notAfter: read(row.not_after),
  }));
}

/**
 * Adds what `make` gives when `isDue` says, of the newest authority, that another is needed. Of processes that come at
 * once, one adds and the others see it: the table is locked against writers, and looked at again under the lock.
 */
export async function addAuthorityIfDue(
  db: Db,
  now: Date,
  isDue: (newest: StoredAuthority | undefined) => boolean,
  make: () => Promise<NewAuthority>,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`lock table certificate_authority in share row exclusive mode`.execute(tx);
    const [newest] = await validAuthorities(tx, now);
    if (!isDue(newest)) return;
    const { certificatePem, sealedKey, notAfter } = await make();
    await tx
      .insertInto('certificate_authority')
      .values({ certificate_pem: certificatePem, sealed_key: sealedKey, not_after: stored(notAfter) })
      .execute();
  });
}
