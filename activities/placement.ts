import { sql } from 'kysely';
import type { Settings } from '../config/settings.ts';
import type { Tx } from '../db/database.ts';
import { DriverError } from '../drivers/errors.ts';

/** The task queue on which an amphora's compute steps run: its host's own, or the control plane's where a cloud places amphorae. */
export function taskQueueOf(settings: Settings, computeHost: string | null): string {
  return computeHost === null ? settings.taskQueue : hostTaskQueue(computeHost);
}

export function hostTaskQueue(host: string): string {
  return `host/${host}`;
}

/**
 * Chooses the host of a new amphora: one that is up, best one without another amphora of the same load balancer, then the
 * one with the fewest amphorae. One that is on its way out keeps nobody away: its successor may take its host. Null where a cloud
 * places amphorae. The caller holds the lock of the load balancer. Throws NoValidHost.
 */
export async function placeAmphora(tx: Tx, settings: Settings, loadBalancerId: string): Promise<string | null> {
  if (settings.computeDriver !== 'host') return null;
  const alive = sql<boolean>`amphora.status not in ('DELETED', 'ERROR')`;
  const host = await tx
    .selectFrom('compute_host')
    .leftJoin('amphora', (join) => join.onRef('amphora.compute_host', '=', 'compute_host.name').on(alive))
    .select('compute_host.name')
    .where(
      'last_seen',
      '>',
      sql<string>`(clock_timestamp() at time zone 'utc') - make_interval(secs => ${settings.hostDownSec})`,
    )
    .groupBy('compute_host.name')
    .orderBy(
      sql`count(*) filter (where amphora.load_balancer_id = ${loadBalancerId} and amphora.status <> 'PENDING_DELETE')`,
    )
    .orderBy(sql`count(amphora.id)`)
    .orderBy('compute_host.name')
    .executeTakeFirst();
  if (host === undefined) throw new DriverError('NoValidHost', 'no compute host is up');
  return host.name;
}
