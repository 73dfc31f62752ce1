import type { Db } from '../database.ts';
import { utcNow } from '../operation.ts';

/** Says that a compute host is up. */
export async function reportHost(db: Db, name: string, memoryMb: number): Promise<void> {
  await db
    .insertInto('compute_host')
    .values({ name, memory_mb: memoryMb, last_seen: utcNow })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ memory_mb: memoryMb, last_seen: utcNow }))
    .execute();
}
