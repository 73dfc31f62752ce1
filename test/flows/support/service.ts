/** What a load balancer must have to serve: its amphorae, their machines, and what those were told. */
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

/** What is wrong with the number of amphorae that serve. */
export async function missingAmphorae(cloud: Cloud, id: string): Promise<readonly string[]> {
  const { serving, wanted } = await amphoraCount(cloud, id);
  return serving === wanted ? [] : [`${serving} amphorae serve, not ${wanted}`];
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

/** What the amphorae that serve were not told, though the load balancer is ACTIVE. Those that are dead could not be told. */
export async function untold(cloud: Cloud, id: string): Promise<readonly string[]> {
  const { amphorae, topology, sequence } = await amphoraeOf(cloud, id);
  const { db } = cloud.database;
  const ports = await db.selectFrom('amphora_member_port').selectAll().execute();
  const listener = await db.selectFrom('listener').select('id').where('load_balancer_id', '=', id).executeTakeFirst();
  return amphorae
    .filter(({ id: amphoraId, status }) => status === 'ALLOCATED' && !cloud.world.dead.has(amphoraId))
    .flatMap(({ id: amphoraId, role, compute_id: machine }) => {
      const told = cloud.world.amphorae.get(amphoraId);
      const plugged = cloud.world.machines.get(machine ?? '')?.ports;
      const own = ports.filter((port) => port.amphora_id === amphoraId);
      return [
        ...(told?.vipPlugged === true ? [] : ['has no VIP']),
        ...(topology === 'SINGLE' || told?.vrrp === true ? [] : ['has no VRRP']),
        // Without a listener there is nothing to run.
        ...(listener === undefined || told?.sequence === sequence
          ? []
          : [`runs configuration ${told?.sequence}, not ${sequence}`]),
        ...own
          .filter(({ port_id: port }) => plugged?.has(port) !== true)
          .map(() => 'lacks a member port that is noted'),
        ...own
          .filter(({ network_id: network }) => told?.networks.has(network) !== true)
          .map(() => 'has a member port without its interface'),
      ].map((what) => `the ${role} ${what}`);
    });
}
