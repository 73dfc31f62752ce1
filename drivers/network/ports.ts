/** Ports written to their tables: addresses are given out so that no two ports of a subnet ever share one. */
import { randomBytes } from 'node:crypto';
import type { Tx } from '../../db/database.ts';
import type { FixedIp, Port, Subnet } from '../../model/network.ts';
import { DriverError } from '../errors.ts';
import { canonicalAddress, lowestFree, parseCidr, rangeHolds, type AddressRange } from './address.ts';
import { isUuid, readPorts, readSubnet } from './rows.ts';

/** An address that a port asks for: any of the subnet when `address` is null. */
export interface AddressWish {
  readonly subnetId: string;
  readonly address: string | null;
}

export interface NewPort {
  readonly networkId: string;
  readonly projectId: string | null;
  readonly name: string;
  readonly deviceId: string;
  readonly deviceOwner: string;
  readonly adminStateUp: boolean;
  /** Null for one of our own choice. */
  readonly macAddress: string | null;
  readonly allowedAddresses: readonly string[];
  readonly securityGroupIds: readonly string[];
  readonly addresses: readonly AddressWish[];
}

/** Makes everyone else who wants an address of this network wait until the transaction ends. Throws NetworkNotFound. */
export async function lockNetwork(tx: Tx, networkId: string): Promise<void> {
  const row = isUuid(networkId)
    ? await tx.selectFrom('network').select('id').where('id', '=', networkId).forNoKeyUpdate().executeTakeFirst()
    : undefined;
  if (row === undefined) throw new DriverError('NetworkNotFound', `Network ${networkId} could not be found.`);
}

function rangeOf(subnet: Subnet): AddressRange {
  const range = parseCidr(subnet.cidr);
  if (range === null) throw new DriverError('NetworkNotFound', `Subnet ${subnet.id} has no valid CIDR.`);
  return range;
}

async function takenIn(tx: Tx, subnet: Subnet): Promise<Set<string>> {
  const rows = await tx.selectFrom('port_address').select('address').where('subnet_id', '=', subnet.id).execute();
  const taken = new Set(rows.map((row) => row.address));
  if (subnet.gatewayIp !== null) taken.add(subnet.gatewayIp);
  return taken;
}

/** Gives a port an address. The network must be locked. Throws VipInUse, AddressesExhausted, NetworkNotFound. */
export async function takeAddress(tx: Tx, portId: string, networkId: string, wish: AddressWish): Promise<FixedIp> {
  const subnet = await readSubnet(tx, wish.subnetId);
  if (subnet === null || subnet.networkId !== networkId) {
    throw new DriverError('NetworkNotFound', `Subnet ${wish.subnetId} could not be found in network ${networkId}.`);
  }
  const range = rangeOf(subnet);
  const taken = await takenIn(tx, subnet);
  const address = wish.address === null ? lowestFree(range, taken) : canonicalAddress(wish.address);
  if (address === null || !rangeHolds(range, address)) {
    if (wish.address === null) {
      throw new DriverError('AddressesExhausted', `No more IP addresses available on subnet ${subnet.id}.`);
    }
    throw new DriverError('NetworkNotFound', `Subnet ${subnet.id} (${subnet.cidr}) has no address ${wish.address}.`);
  }
  if (taken.has(address)) {
    throw new DriverError('VipInUse', `IP address ${address} already allocated in subnet ${subnet.id}`);
  }
  await tx.insertInto('port_address').values({ port_id: portId, subnet_id: subnet.id, address }).execute();
  return { subnetId: subnet.id, address };
}

/** Neutron's default base_mac, so that the addresses look familiar. */
function randomMac(): string {
  const [a = 0, b = 0, c = 0] = randomBytes(3);
  return ['fa', '16', '3e', ...[a, b, c].map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
}

/** Inserts the port row, or returns null when another port has its name (of Octavia's) or its MAC. */
async function insertRow(tx: Tx, port: NewPort, macAddress: string): Promise<string | null> {
  const row = await tx
    .insertInto('port')
    .values({
      project_id: port.projectId,
      network_id: port.networkId,
      name: port.name,
      mac_address: macAddress,
      device_id: port.deviceId,
      device_owner: port.deviceOwner,
      admin_state_up: port.adminStateUp,
      allowed_addresses: [...port.allowedAddresses],
      security_group_ids: [...port.securityGroupIds],
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id ?? null;
}

const macAttempts = 20;

/** Makes a port with all its addresses. Throws VipInUse when its MAC is taken, and what takeAddress throws. */
export async function insertPort(tx: Tx, port: NewPort): Promise<Port> {
  await lockNetwork(tx, port.networkId);
  for (let attempt = 0; attempt < macAttempts; attempt += 1) {
    const id = await insertRow(tx, port, port.macAddress ?? randomMac());
    if (id === null && port.macAddress !== null) break;
    if (id === null) continue;
    for (const wish of port.addresses) await takeAddress(tx, id, port.networkId, wish);
    const [made] = await readPorts(tx, { id });
    if (made !== undefined) return made;
  }
  throw new DriverError('VipInUse', `A port with the MAC address ${port.macAddress ?? 'chosen'} or the name exists.`);
}

/** Finds the port of this name on the network, or makes it. Many callers at once get the same port. */
export async function ensurePort(tx: Tx, port: NewPort): Promise<{ readonly port: Port; readonly made: boolean }> {
  await lockNetwork(tx, port.networkId);
  const [found] = await readPorts(tx, { name: port.name, networkId: port.networkId });
  if (found !== undefined) return { port: found, made: false };
  return { port: await insertPort(tx, port), made: true };
}
