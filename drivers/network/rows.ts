/** Networks, subnets and ports read from their tables. */
import type { Db } from '../../db/database.ts';
import type { FixedIp, Network, Port, PortDetails, Subnet } from '../../model/network.ts';

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** Whether PostgreSQL would take the text for a uuid column: what is none names no row. */
export const isUuid = (text: string): boolean => uuid.test(text);

/** Device owner of the ports that are ours (Octavia: constants.OCTAVIA_OWNER). */
export const octaviaOwner = 'Octavia';

interface SubnetColumns {
  id: string;
  name: string;
  network_id: string;
  cidr: string;
  ip_version: number;
  gateway_ip: string | null;
  host_routes: { destination: string; nexthop: string }[];
  project_id: string | null;
}

const toSubnet = (row: SubnetColumns): Subnet => ({
  id: row.id,
  name: row.name,
  networkId: row.network_id,
  cidr: row.cidr,
  ipVersion: row.ip_version === 6 ? 6 : 4,
  gatewayIp: row.gateway_ip,
  hostRoutes: row.host_routes,
  projectId: row.project_id,
});

export async function readNetwork(db: Db, id: string): Promise<Network | null> {
  if (!isUuid(id)) return null;
  const row = await db.selectFrom('network').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) return null;
  const subnets = await readSubnetsOf(db, id);
  return {
    id: row.id,
    name: row.name,
    mtu: row.mtu,
    projectId: row.project_id,
    subnetIds: subnets.map((subnet) => subnet.id),
  };
}

export async function readSubnet(db: Db, id: string): Promise<Subnet | null> {
  if (!isUuid(id)) return null;
  const row = await db.selectFrom('subnet').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : toSubnet(row);
}

/** The subnets of a network, oldest first. */
export async function readSubnetsOf(db: Db, networkId: string): Promise<readonly Subnet[]> {
  const rows = await db
    .selectFrom('subnet')
    .selectAll()
    .where('network_id', '=', networkId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map(toSubnet);
}

/** Which ports to read: one condition of the port table. */
export type PortFilter =
  | { readonly id: string }
  | { readonly deviceId: string }
  | { readonly securityGroupId: string }
  | { readonly name: string; readonly networkId?: string };

/** The ports that a filter finds, oldest first. All but `id` and `securityGroupId` find only ports that are ours. */
export async function readPorts(db: Db, filter: PortFilter): Promise<readonly Port[]> {
  let query = db.selectFrom('port').selectAll().orderBy('created_at').orderBy('id');
  if ('id' in filter) query = query.where('id', '=', filter.id);
  else if ('securityGroupId' in filter) {
    query = query.where((eb) => eb(eb.val(filter.securityGroupId), '=', eb.fn.any('security_group_ids')));
  } else {
    query = query.where('device_owner', '=', octaviaOwner);
    if ('deviceId' in filter) query = query.where('device_id', '=', filter.deviceId);
    else query = query.where('name', '=', filter.name);
    if ('networkId' in filter) query = query.where('network_id', '=', filter.networkId);
  }
  const rows = await query.execute();
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const addresses = await db.selectFrom('port_address').selectAll().where('port_id', 'in', ids).execute();
  const fixedIpsOf = (portId: string): FixedIp[] =>
    addresses
      .filter((row) => row.port_id === portId)
      .map((row) => ({ subnetId: row.subnet_id, address: row.address }))
      .sort((a, b) => (a.subnetId + a.address < b.subnetId + b.address ? -1 : 1));
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    networkId: row.network_id,
    macAddress: row.mac_address,
    fixedIps: fixedIpsOf(row.id),
    allowedAddresses: row.allowed_addresses,
    deviceId: row.device_id,
    deviceOwner: row.device_owner,
    adminStateUp: row.admin_state_up,
    projectId: row.project_id,
    qosPolicyId: null,
  }));
}

export async function readPort(db: Db, id: string): Promise<Port | null> {
  if (!isUuid(id)) return null;
  return (await readPorts(db, { id }))[0] ?? null;
}

/** The port with the subnets of its addresses, or null. */
export async function readPortDetails(db: Db, portId: string): Promise<PortDetails | null> {
  const port = await readPort(db, portId);
  if (port === null) return null;
  const network = await db
    .selectFrom('network')
    .select('mtu')
    .where('id', '=', port.networkId)
    .executeTakeFirstOrThrow();
  const subnets = await readSubnetsOf(db, port.networkId);
  const used = new Set(port.fixedIps.map((fixed) => fixed.subnetId));
  return { port, mtu: network.mtu, subnets: subnets.filter((subnet) => used.has(subnet.id)) };
}
