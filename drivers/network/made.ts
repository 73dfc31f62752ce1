/** What was made for load balancers and amphorae, found by its name. */
import type { Db } from '../../db/database.ts';
import type { MadeThing } from './contract.ts';
import { octaviaOwner } from './rows.ts';

const uuid = '([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})';
const ofAmphora = new RegExp(`^octavia-lb-(?:vrrp|member)-${uuid}`);
const ofLoadBalancer = new RegExp(`^(?:octavia-)?lb-${uuid}$`);

/** Whom a port or a group was made for; null when it was not one of ours. */
function ownerOf(name: string): MadeThing['owner'] | null {
  const amphora = ofAmphora.exec(name)?.[1];
  if (amphora !== undefined) return { kind: 'amphora', id: amphora };
  const loadBalancer = ofLoadBalancer.exec(name)?.[1];
  return loadBalancer === undefined ? null : { kind: 'load balancer', id: loadBalancer };
}

/** Ports and security groups of ours, oldest ports first. */
export async function madeThings(db: Db): Promise<readonly MadeThing[]> {
  const ports = await db
    .selectFrom('port')
    .select(['id', 'name', 'created_at'])
    .where('device_owner', '=', octaviaOwner)
    .orderBy('created_at')
    .execute();
  const groups = await db.selectFrom('security_group').select(['id', 'name']).where('name', 'like', 'lb-%').execute();
  const things = [
    ...ports.map(({ id, name, created_at: createdAt }) => ({ kind: 'port' as const, id, name, createdAt })),
    ...groups.map(({ id, name }) => ({ kind: 'security group' as const, id, name, createdAt: null })),
  ];
  return things.flatMap((thing) => {
    const owner = ownerOf(thing.name);
    return owner === null ? [] : [{ ...thing, owner }];
  });
}
