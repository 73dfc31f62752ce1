/** A tenant network to begin with, so that the first load balancer has a subnet for its VIP. */
import { networkInterfaces } from 'node:os';
import { firstAddress } from '../../config/cidr.ts';
import type { Settings } from '../../config/settings.ts';
import { openDatabase, type Db } from '../../db/database.ts';
import { createNetwork, createSubnet } from '../../drivers/network/provision.ts';
import { PlainError } from '../fatal.ts';

export interface DefaultNetwork {
  readonly networkId: string;
  readonly subnetId: string;
  readonly cidr: string;
}

const name = 'weir';

/** Finds the network `weir`, or makes it with one subnet. Throws InvalidNetwork for a setting that is no subnet. */
export async function ensureDefaultNetwork(settings: Settings): Promise<DefaultNetwork> {
  const db = openDatabase({
    url: settings.databaseUrl,
    maxConnections: 1,
    applicationName: 'weir up',
    connectionTimeoutMs: 10_000,
  });
  try {
    return (await find(db)) ?? (await make(db, settings.defaultSubnetCidr));
  } finally {
    await db.destroy();
  }
}

async function find(db: Db): Promise<DefaultNetwork | undefined> {
  return db
    .selectFrom('network')
    .innerJoin('subnet', 'subnet.network_id', 'network.id')
    .select(['network.id as networkId', 'subnet.id as subnetId', 'subnet.cidr'])
    .where('network.name', '=', name)
    .orderBy('subnet.id')
    .executeTakeFirst();
}

async function make(db: Db, cidr: string): Promise<DefaultNetwork> {
  refuseTaken(cidr);
  const network = await createNetwork(db, { name, projectId: null });
  const subnet = await createSubnet(db, { networkId: network.id, name, projectId: null, cidr });
  return { networkId: network.id, subnetId: subnet.id, cidr: subnet.cidr };
}

/** The subnet's gateway becomes an address of this machine; two interfaces with it would take each other's traffic. */
function refuseTaken(cidr: string): void {
  const gateway = firstAddress(cidr);
  const holder = Object.entries(networkInterfaces()).find(([, all]) => all?.some(({ address }) => address === gateway));
  if (holder === undefined) return;
  throw new PlainError(
    `${gateway} is already an address of ${holder[0]}: choose another subnet than ${cidr} with WEIR_DEFAULT_SUBNET`,
  );
}
