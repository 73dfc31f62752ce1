/** What a load balancer must have to serve: its amphorae, their machines, and what those were told. */
import type { OperationRow } from '../../../db/schema.ts';
import { rolesOf, type Topology } from '../../../model/status.ts';
import type { Cloud } from './cloud.ts';

/** How many amphorae a load balancer has that serve, and how many its topology wants. */
export async function amphoraCount(cloud: Cloud, id: string): Promise<{ serving: number; wanted: number }> {
  const { amphorae, wanted } = await amphoraeOf(cloud, id);
  return { serving: amphorae.filter(({ status }) => status === 'ALLOCATED').length, wanted };
}

async function amphoraeOf(cloud: Cloud, id: string) {
  const { db } = cloud.database;
  const { topology, sequence } = await db
    .selectFrom('load_balancer')
    .select(['topology', 'sequence'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const amphorae = await db
    .selectFrom('amphora')
    .select(['id', 'role', 'status', 'compute_id'])
    .where('load_balancer_id', '=', id)
    .where('status', 'in', ['ALLOCATED', 'ERROR'])
    .execute();
  return { amphorae, topology, sequence, wanted: topology === 'SINGLE' ? 1 : 2 };
}

/** What is wrong with the amphorae that serve: each place of the topology has one. */
export async function missingAmphorae(cloud: Cloud, id: string, topology: Topology): Promise<readonly string[]> {
  const { amphorae } = await amphoraeOf(cloud, id);
  const roles = amphorae.flatMap(({ role, status }) => (status === 'ALLOCATED' ? [String(role)] : []));
  const [serving, wanted] = [roles, rolesOf(topology)].map((some) =>
    some.toSorted((one, other) => one.localeCompare(other)).join(' and '),
  );
  return serving === wanted ? [] : [`${serving} serve, not ${wanted}`];
}

/**
 * Places of the topology in which no amphora stands that has a machine. One in ERROR may serve on: an amphora whose replacement
 * failed, or that nothing was ever wrong with but its load balancer.
 */
export async function emptyPlaces(cloud: Cloud, id: string): Promise<readonly string[]> {
  const { amphorae, wanted } = await amphoraeOf(cloud, id);
  const taken = new Set(
    amphorae.flatMap(({ role, compute_id: machine }) => (cloud.world.machines.has(machine ?? '') ? [role] : [])),
  );
  return taken.size === wanted ? [] : [`${taken.size} amphorae have a machine, not ${wanted}`];
}

/**
 * Amphorae that an operation spoiled though it failed. Those that it is not about serve on as they were; the one that a failover is
 * of is in ERROR, unless it is gone; of those that are replaced one after the other the one whose turn it was may be.
 */
export async function spoiled(cloud: Cloud, operation: OperationRow): Promise<readonly string[]> {
  const { kind, load_balancer_id: id, resource_id: target, created_at: begun } = operation;
  const amphorae = await cloud.database.db
    .selectFrom('amphora')
    .select(['id', 'role', 'status', 'created_at'])
    .where('load_balancer_id', '=', id)
    .where('status', '<>', 'DELETED')
    .execute();
  if (kind === 'deleteLoadBalancer') return [];
  const out = amphorae.filter(({ status, created_at: made }) => status === 'ERROR' && made <= begun).slice(0, 1);
  const mayBeInError = kind === 'failoverLoadBalancer' ? out.map((one) => one.id) : [];
  return amphorae.flatMap(({ id: amphoraId, role, status }) => {
    const isOut = mayBeInError.includes(amphoraId) || (kind === 'failoverAmphora' && amphoraId === target);
    const wanted = isOut ? 'ERROR' : 'ALLOCATED';
    return status === wanted ? [] : [`the ${role} amphora is ${status}, not ${wanted}`];
  });
}

/** What the amphorae that serve were not told, though the load balancer is ACTIVE. Those that are dead could not be told. */
export async function untold(cloud: Cloud, id: string): Promise<readonly string[]> {
  const { amphorae, topology, sequence } = await amphoraeOf(cloud, id);
  const pair = amphorae.filter(({ status }) => status === 'ALLOCATED');
  const { db } = cloud.database;
  const listener = await db.selectFrom('listener').select('id').where('load_balancer_id', '=', id).executeTakeFirst();
  return (await living(cloud, id)).flatMap(({ id: amphoraId, role }) => {
    const told = cloud.world.amphorae.get(amphoraId);
    return [
      ...(told?.vipPlugged === true ? [] : ['has no VIP']),
      ...(topology === 'SINGLE' || isSame(told?.pair, pair) ? [] : ['does not know its pair']),
      // Without a listener there is nothing to run.
      ...(listener === undefined || told?.sequence === sequence
        ? []
        : [`runs configuration ${told?.sequence}, not ${sequence}`]),
    ].map((what) => `the ${role} ${what}`);
  });
}

const isSame = (told: readonly string[] = [], pair: readonly { readonly id: string }[]): boolean =>
  told.length === pair.length && pair.every(({ id }) => told.includes(id));

/** Members in service that an amphora which serves cannot reach: no port in their subnet, or one that is not attached or not configured. */
export async function unreachable(cloud: Cloud, id: string): Promise<readonly string[]> {
  const members = await cloud.database.db
    .selectFrom('member')
    .innerJoin('pool', 'pool.id', 'member.pool_id')
    .innerJoin('subnet', 'subnet.id', 'member.subnet_id')
    .innerJoin('load_balancer', 'load_balancer.id', 'pool.load_balancer_id')
    .select(['member.address', 'subnet.id as subnet', 'subnet.network_id as network'])
    .where('load_balancer.id', '=', id)
    .where('member.provisioning_status', '=', 'ACTIVE')
    .where('pool.provisioning_status', '=', 'ACTIVE')
    .whereRef('subnet.network_id', 'is distinct from', 'load_balancer.vip_network_id')
    .execute();
  const ports = await cloud.database.db.selectFrom('amphora_member_port').selectAll().execute();
  return (await living(cloud, id)).flatMap(({ id: amphoraId, role, compute_id: machine }) =>
    members.flatMap(({ address, subnet, network }) => {
      const port = ports.find((one) => one.amphora_id === amphoraId && one.network_id === network)?.port_id ?? '';
      const attached = cloud.world.machines.get(machine ?? '')?.ports.has(port) === true;
      const configured = cloud.world.amphorae.get(amphoraId)?.interfaces.get(port)?.includes(subnet) === true;
      return attached && configured ? [] : [`the ${role} cannot reach ${address}`];
    }),
  );
}

async function living(cloud: Cloud, id: string) {
  const { amphorae } = await amphoraeOf(cloud, id);
  return amphorae.filter((one) => one.status === 'ALLOCATED' && !cloud.world.dead.has(one.id));
}
