import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import type { AmphoraStatus, OperatingStatus, ProvisioningStatus } from '../../model/status.ts';

export interface Wanted {
  readonly provisioning?: ProvisioningStatus;
  readonly operating?: OperatingStatus;
  readonly adminStateUp?: boolean;
  readonly amphorae?: number;
  readonly amphoraStatus?: AmphoraStatus;
  /** Members of the pool; 0 for neither listener nor pool. */
  readonly members?: number;
}

export interface MadeLoadBalancer {
  readonly id: string;
  readonly amphorae: readonly string[];
  readonly listener: string;
  readonly pool: string;
  readonly members: readonly string[];
}

const ids = (count: number): string[] => Array.from({ length: count }, () => randomUUID());

/** Rows of a load balancer: amphorae, and with members a listener and a pool that start OFFLINE. */
export async function makeLoadBalancer(db: Db, wanted: Wanted = {}): Promise<MadeLoadBalancer> {
  const { provisioning = 'ACTIVE', operating = 'OFFLINE', adminStateUp = true } = wanted;
  const made = {
    id: randomUUID(),
    amphorae: ids(wanted.amphorae ?? 1),
    listener: randomUUID(),
    pool: randomUUID(),
    members: ids(wanted.members ?? 0),
  };
  await db
    .insertInto('load_balancer')
    .values({
      id: made.id,
      project_id: 'project-1',
      provisioning_status: provisioning,
      operating_status: operating,
      admin_state_up: adminStateUp,
      topology: 'SINGLE',
      provider: 'amphora',
      vip_ready: true,
    })
    .execute();
  for (const id of made.amphorae) {
    await db
      .insertInto('amphora')
      .values({ id, load_balancer_id: made.id, status: wanted.amphoraStatus ?? 'ALLOCATED', role: 'STANDALONE' })
      .execute();
  }
  if (made.members.length > 0) await makeChildren(db, made);
  return made;
}

async function makeChildren(db: Db, made: MadeLoadBalancer): Promise<void> {
  const common = { project_id: 'project-1', provisioning_status: 'ACTIVE', operating_status: 'OFFLINE' } as const;
  await db
    .insertInto('pool')
    .values({ ...common, id: made.pool, load_balancer_id: made.id, protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN' })
    .execute();
  await db
    .insertInto('listener')
    .values({
      ...common,
      id: made.listener,
      load_balancer_id: made.id,
      protocol: 'HTTP',
      protocol_port: 80,
      default_pool_id: made.pool,
      insert_headers: '{}',
      timeout_client_data: 50_000,
      timeout_member_connect: 5_000,
      timeout_member_data: 50_000,
      timeout_tcp_inspect: 0,
      peer_port: 1025,
    })
    .execute();
  for (const [index, id] of made.members.entries()) {
    await db
      .insertInto('member')
      .values({ ...common, id, pool_id: made.pool, address: `192.0.2.${index + 1}`, protocol_port: 80 })
      .execute();
  }
}

/** Says that an amphora was heard of so many seconds ago. */
export async function heardOf(db: Db, amphoraId: string, secondsAgo: number): Promise<void> {
  const at = sql<string>`(clock_timestamp() at time zone 'utc') - make_interval(secs => ${secondsAgo})`;
  await db
    .insertInto('amphora_health')
    .values({ amphora_id: amphoraId, last_update: at })
    .onConflict((conflict) => conflict.column('amphora_id').doUpdateSet({ last_update: at }))
    .execute();
}

/** Seconds since an amphora was heard of; null when it never was. */
export async function silenceOf(db: Db, amphoraId: string): Promise<number | null> {
  const row = await db
    .selectFrom('amphora_health')
    .select(sql<number>`extract(epoch from (clock_timestamp() at time zone 'utc') - last_update)::float8`.as('seconds'))
    .where('amphora_id', '=', amphoraId)
    .executeTakeFirst();
  return row?.seconds ?? null;
}

/** Operating statuses of a load balancer, its listener, pool and members, in this order. */
export async function statusesOf(db: Db, made: MadeLoadBalancer): Promise<string[]> {
  const of = async (table: 'load_balancer' | 'listener' | 'pool' | 'member', id: string): Promise<string> => {
    const row = await db.selectFrom(table).select('operating_status').where('id', '=', id).executeTakeFirstOrThrow();
    return row.operating_status;
  };
  const parents = [
    await of('load_balancer', made.id),
    await of('listener', made.listener),
    await of('pool', made.pool),
  ];
  return [...parents, ...(await Promise.all(made.members.map((id) => of('member', id))))];
}
