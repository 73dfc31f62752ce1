/** Makes and deletes networks, subnets and ports of the `linux` driver (Neutron's rules, as far as they concern load balancers). */
import type { Db, Tx } from '../../db/database.ts';
import type { HostRoute, Network, Port, Subnet } from '../../model/network.ts';
import { DriverError } from '../errors.ts';
import {
  canonicalAddress,
  capacity,
  firstAddress,
  formatCidr,
  parseCidr,
  rangeHolds,
  rangesOverlap,
} from './address.ts';
import { insertPort, lockNetwork, type AddressWish } from './ports.ts';
import { isUuid, readNetwork, readSubnet, readSubnetsOf } from './rows.ts';

/** Thrown for a network, subnet or port that cannot be made or deleted as asked. Names the field; nothing has changed. */
export class InvalidNetwork extends Error {
  readonly field: string;

  constructor(field: string, message: string) {
    super(`${field}: ${message}`);
    this.name = 'InvalidNetwork';
    this.field = field;
  }
}

export interface NewNetwork {
  readonly name: string;
  readonly projectId: string | null;
  /** Bytes; 1500 when absent. */
  readonly mtu?: number;
}

export interface NewSubnet {
  readonly networkId: string;
  readonly name: string;
  readonly projectId: string | null;
  readonly cidr: string;
  /** The first address of the subnet when absent, none when null. */
  readonly gatewayIp?: string | null;
  readonly hostRoutes?: readonly HostRoute[];
}

export interface NewTenantPort {
  readonly networkId: string;
  readonly name: string;
  readonly projectId: string | null;
  /** One of the first subnet's when absent. */
  readonly addresses?: readonly AddressWish[];
  readonly macAddress?: string;
  readonly deviceId?: string;
  readonly deviceOwner?: string;
}

/** IPv6 needs 1280 (RFC 8200); Linux carries no more than 65535. */
const mtuRange = { min: 1280, max: 65_535 } as const;

const nameLimit = 255;

function checkName(name: string): void {
  if (name.length > nameLimit) throw new InvalidNetwork('name', `is longer than ${nameLimit} characters`);
}

/** Throws InvalidNetwork. */
export async function createNetwork(db: Db, network: NewNetwork): Promise<Network> {
  checkName(network.name);
  const mtu = network.mtu ?? 1500;
  if (!Number.isInteger(mtu) || mtu < mtuRange.min || mtu > mtuRange.max) {
    throw new InvalidNetwork('mtu', `must be a whole number from ${mtuRange.min} to ${mtuRange.max}`);
  }
  const row = await db
    .insertInto('network')
    .values({ name: network.name, project_id: network.projectId, mtu })
    .returning('id')
    .executeTakeFirstOrThrow();
  return { id: row.id, name: network.name, mtu, projectId: network.projectId, subnetIds: [] };
}

function checkHostRoutes(routes: readonly HostRoute[]): HostRoute[] {
  return routes.map(({ destination, nexthop }) => {
    const range = parseCidr(destination);
    const hop = canonicalAddress(nexthop);
    if (range === null) throw new InvalidNetwork('host_routes', `'${destination}' is not a CIDR`);
    if (hop === null) throw new InvalidNetwork('host_routes', `'${nexthop}' is not an IP address`);
    return { destination: formatCidr(range), nexthop: hop };
  });
}

function checkSubnet(subnet: NewSubnet): Pick<Subnet, 'cidr' | 'ipVersion' | 'gatewayIp' | 'hostRoutes'> {
  checkName(subnet.name);
  const range = parseCidr(subnet.cidr);
  if (range === null) throw new InvalidNetwork('cidr', `'${subnet.cidr}' is not a CIDR such as 10.0.0.0/24`);
  if (range.last < range.first || capacity(range) < 2) throw new InvalidNetwork('cidr', 'has no room for ports');
  const asked = subnet.gatewayIp === undefined ? firstAddress(range) : subnet.gatewayIp;
  const gatewayIp = asked === null ? null : canonicalAddress(asked);
  if (asked !== null && (gatewayIp === null || !rangeHolds(range, gatewayIp))) {
    throw new InvalidNetwork('gateway_ip', `'${asked}' is not an address of ${formatCidr(range)}`);
  }
  return {
    cidr: formatCidr(range),
    ipVersion: range.version,
    gatewayIp,
    hostRoutes: checkHostRoutes(subnet.hostRoutes ?? []),
  };
}

async function refuseOverlap(tx: Tx, networkId: string, cidr: string): Promise<void> {
  const range = parseCidr(cidr);
  for (const other of await readSubnetsOf(tx, networkId)) {
    const taken = parseCidr(other.cidr);
    if (range !== null && taken !== null && rangesOverlap(range, taken)) {
      throw new InvalidNetwork('cidr', `${cidr} overlaps with ${other.cidr} of subnet ${other.id}`);
    }
  }
}

/** Throws InvalidNetwork, and NetworkNotFound for a network that does not exist. */
export async function createSubnet(db: Db, subnet: NewSubnet): Promise<Subnet> {
  const checked = checkSubnet(subnet);
  return db.transaction().execute(async (tx) => {
    await lockNetwork(tx, subnet.networkId);
    await refuseOverlap(tx, subnet.networkId, checked.cidr);
    const { id } = await tx
      .insertInto('subnet')
      .values({
        project_id: subnet.projectId,
        network_id: subnet.networkId,
        name: subnet.name,
        cidr: checked.cidr,
        ip_version: checked.ipVersion,
        gateway_ip: checked.gatewayIp,
        host_routes: JSON.stringify(checked.hostRoutes),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    return { id, name: subnet.name, networkId: subnet.networkId, projectId: subnet.projectId, ...checked };
  });
}

const macPattern = /^[0-9a-f][02468ace](?::[0-9a-f]{2}){5}$/;

/** A port of a user: a member's, a client's, or a VIP that is brought along. Throws InvalidNetwork and what insertPort throws. */
export async function createPort(db: Db, port: NewTenantPort): Promise<Port> {
  checkName(port.name);
  const macAddress = port.macAddress?.toLowerCase() ?? null;
  if (macAddress !== null && !macPattern.test(macAddress)) {
    throw new InvalidNetwork('mac_address', `'${macAddress}' is not a unicast MAC address`);
  }
  const invalid = port.addresses?.find((wish) => wish.address !== null && canonicalAddress(wish.address) === null);
  if (invalid !== undefined) throw new InvalidNetwork('fixed_ips', `'${invalid.address}' is not an IP address`);
  return db.transaction().execute(async (tx) => {
    await lockNetwork(tx, port.networkId);
    const [first] = await readSubnetsOf(tx, port.networkId);
    const anyOfFirst = first === undefined ? [] : [{ subnetId: first.id, address: null }];
    return insertPort(tx, {
      networkId: port.networkId,
      projectId: port.projectId,
      name: port.name,
      deviceId: port.deviceId ?? '',
      deviceOwner: port.deviceOwner ?? '',
      adminStateUp: true,
      macAddress,
      allowedAddresses: [],
      securityGroupIds: [],
      addresses: port.addresses ?? anyOfFirst,
    });
  });
}

/** Throws InvalidNetwork while a port has an address of it. A subnet that is gone counts as deleted. */
export async function deleteSubnet(db: Db, id: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const subnet = await readSubnet(tx, id);
    if (subnet === null) return;
    await lockNetwork(tx, subnet.networkId);
    const used = await tx.selectFrom('port_address').select('port_id').where('subnet_id', '=', id).executeTakeFirst();
    if (used !== undefined) throw new InvalidNetwork('subnet', `${id} has an address in use by port ${used.port_id}`);
    await tx.deleteFrom('subnet').where('id', '=', id).execute();
  });
}

/** Deletes a network with its subnets. Throws InvalidNetwork while it has a port. A network that is gone counts as deleted. */
export async function deleteNetwork(db: Db, id: string): Promise<void> {
  if (!isUuid(id)) return;
  await db.transaction().execute(async (tx) => {
    if ((await readNetwork(tx, id)) === null) return;
    await lockNetwork(tx, id);
    const used = await tx.selectFrom('port').select('id').where('network_id', '=', id).executeTakeFirst();
    if (used !== undefined) throw new InvalidNetwork('network', `${id} is in use by port ${used.id}`);
    await tx.deleteFrom('network').where('id', '=', id).execute();
  });
}

/** Deletes a user's port; ports of load balancers go with these. Throws DriverError VipInUse for one of those. */
export async function deleteTenantPort(db: Db, id: string): Promise<void> {
  if (!isUuid(id)) return;
  const row = await db.selectFrom('port').select('device_owner').where('id', '=', id).executeTakeFirst();
  if (row?.device_owner === 'Octavia') throw new DriverError('VipInUse', `Port ${id} belongs to a load balancer.`);
  await db.deleteFrom('port').where('id', '=', id).execute();
}
