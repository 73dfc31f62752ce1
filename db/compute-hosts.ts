/** Compute hosts: those that ever said that they are up. */
import { sql } from 'kysely';
import type { Db } from './database.ts';

/** True of a host that was not heard of for this long and has no amphora. */
const isLost = (silentMs: number) => sql<boolean>`
  last_seen < (clock_timestamp() at time zone 'utc') - make_interval(secs => ${silentMs / 1000})
  and not exists (select 1 from amphora where amphora.compute_host = compute_host.name and status <> 'DELETED')`;

/** The names of the others. */
export async function livingHosts(db: Db, silentMs: number): Promise<readonly string[]> {
  const hosts = db.selectFrom('compute_host').select('name').orderBy('name');
  return (await hosts.where(sql<boolean>`not (${isLost(silentMs)})`).execute()).map(({ name }) => name);
}

export interface LostHost {
  readonly name: string;
  readonly lastSeen: string;
}

/** Hosts that were not heard of for `silentMs` and have no amphora. */
export function lostHosts(db: Db, silentMs: number): Promise<readonly LostHost[]> {
  const hosts = db.selectFrom('compute_host').select(['name', 'last_seen as lastSeen']).orderBy('name');
  return hosts.where(isLost(silentMs)).execute();
}

/** Forgets a host that is still lost. False when it is not. */
export async function forgetHost(db: Db, name: string, silentMs: number): Promise<boolean> {
  const lost = db.deleteFrom('compute_host').where('name', '=', name).where(isLost(silentMs));
  return (await lost.executeTakeFirst()).numDeletedRows > 0n;
}
