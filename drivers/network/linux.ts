/** The network driver `linux`: networks, subnets and ports are rows; bridges and interfaces follow them on each compute host. */
import type { Db, Tx } from '../../db/database.ts';
import type { Port, PortDetails } from '../../model/network.ts';
import { DriverError } from '../errors.ts';
import type { NetworkDriver } from './contract.ts';
import type { AllocatedVip } from '../../model/vip.ts';
import { madeThings } from './made.ts';
import { ensurePort, lockNetwork, takeAddress, type NewPort } from './ports.ts';
import { isUuid, octaviaOwner, readNetwork, readPort, readPortDetails, readPorts, readSubnet } from './rows.ts';
import { addGroupToPort, deleteGroup, ensureGroup, findGroup, replaceRules } from './security-group.ts';
import { allocateVip, countFree, vipPortName } from './vip.ts';

const vrrpPortName = (amphoraId: string): string => `octavia-lb-vrrp-${amphoraId}`;
const memberPortName = (amphoraId: string): string => `octavia-lb-member-${amphoraId}`;

type AmphoraPort = Pick<NewPort, 'networkId' | 'projectId' | 'name' | 'addresses' | 'securityGroupIds'> & {
  readonly amphoraId: string;
  readonly allowedAddresses?: readonly string[];
};

/** Finds or makes a port of an amphora; one that is found gets its allowed addresses brought in line. */
async function ensureAmphoraPort(tx: Tx, { amphoraId, ...wanted }: AmphoraPort): Promise<Port> {
  const allowedAddresses = [...(wanted.allowedAddresses ?? [])];
  const common = { deviceId: amphoraId, deviceOwner: octaviaOwner, adminStateUp: true, macAddress: null };
  const { port, made } = await ensurePort(tx, { ...common, ...wanted, allowedAddresses });
  if (!made) {
    await tx.updateTable('port').set({ allowed_addresses: allowedAddresses }).where('id', '=', port.id).execute();
  }
  return port;
}

async function detailsOf(db: Db, portId: string): Promise<PortDetails> {
  const details = await readPortDetails(db, portId);
  if (details === null) throw new DriverError('NetworkNotFound', `Port ${portId} could not be found.`);
  return details;
}

async function ensureVrrpPort(
  tx: Tx,
  amphoraId: string,
  loadBalancerId: string,
  vip: AllocatedVip,
): Promise<PortDetails> {
  const vipPort = await readPort(tx, vip.portId);
  const projectId = vipPort?.projectId ?? null;
  const groupId = await ensureGroup(tx, loadBalancerId, projectId);
  const port = await ensureAmphoraPort(tx, {
    amphoraId,
    networkId: vip.networkId,
    projectId,
    name: vrrpPortName(amphoraId),
    addresses: [{ subnetId: vip.subnetId, address: null }],
    allowedAddresses: [vip.address, ...vip.additional.map((fixed) => fixed.address)],
    securityGroupIds: [groupId],
  });
  await addGroupToPort(tx, port.id, groupId);
  return detailsOf(tx, port.id);
}

/** Gives the port an address in each of the subnets and takes away those in others. */
async function alignSubnets(tx: Tx, port: Port, subnetIds: readonly string[]): Promise<void> {
  for (const fixed of port.fixedIps.filter((candidate) => !subnetIds.includes(candidate.subnetId))) {
    await tx.deleteFrom('port_address').where('port_id', '=', port.id).where('address', '=', fixed.address).execute();
  }
  const present = new Set(port.fixedIps.map((fixed) => fixed.subnetId));
  for (const subnetId of subnetIds.filter((id) => !present.has(id))) {
    await takeAddress(tx, port.id, port.networkId, { subnetId, address: null });
  }
}

async function ensureMemberPort(
  tx: Tx,
  amphoraId: string,
  networkId: string,
  subnetIds: readonly string[],
): Promise<PortDetails> {
  await lockNetwork(tx, networkId);
  const { project_id: projectId } = await tx
    .selectFrom('network')
    .select('project_id')
    .where('id', '=', networkId)
    .executeTakeFirstOrThrow();
  const port = await ensureAmphoraPort(tx, {
    amphoraId,
    networkId,
    projectId,
    name: memberPortName(amphoraId),
    addresses: [],
    securityGroupIds: [],
  });
  await alignSubnets(tx, port, [...new Set(subnetIds)]);
  return detailsOf(tx, port.id);
}

async function releaseVip(tx: Tx, loadBalancerId: string): Promise<void> {
  await tx
    .deleteFrom('port')
    .where('device_owner', '=', octaviaOwner)
    .where('name', '=', vipPortName(loadBalancerId))
    .execute();
  const groupId = await findGroup(tx, loadBalancerId);
  if (groupId !== null) await deleteGroup(tx, groupId);
}

type Reader = Pick<
  NetworkDriver,
  'network' | 'subnet' | 'port' | 'qosPolicyExists' | 'securityGroupExists' | 'freeAddresses'
>;

function linuxReader(db: Db): Reader {
  return {
    network: (id) => readNetwork(db, id),
    subnet: (id) => readSubnet(db, id),
    port: (id) => readPort(db, id),
    // There are no QoS policies without Neutron.
    qosPolicyExists: () => Promise.resolve(false),
    async securityGroupExists(id) {
      if (!isUuid(id)) return false;
      const row = await db.selectFrom('security_group').select('id').where('id', '=', id).executeTakeFirst();
      return row !== undefined;
    },
    async freeAddresses(subnetId) {
      const subnet = await readSubnet(db, subnetId);
      return subnet === null ? 0 : countFree(db, subnet);
    },
  };
}

/** Networks and ports in PostgreSQL. Every change is one transaction, so a call that fails leaves nothing behind. */
export function linuxNetwork(db: Db): NetworkDriver {
  const transact = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => db.transaction().execute(work);
  return {
    ...linuxReader(db),
    allocateVip: (request) =>
      transact(async (tx) => {
        const vip = await allocateVip(tx, request);
        const groupId = await ensureGroup(tx, request.loadBalancerId, request.projectId);
        await addGroupToPort(tx, vip.portId, groupId);
        return vip;
      }),
    releaseVip: (loadBalancerId) => transact((tx) => releaseVip(tx, loadBalancerId)),
    ensureVipSecurityGroup: (loadBalancerId, rules) =>
      transact(async (tx) => replaceRules(tx, await ensureGroup(tx, loadBalancerId, null), rules)),
    ensureVrrpPort: (amphoraId, loadBalancerId, vip) =>
      transact((tx) => ensureVrrpPort(tx, amphoraId, loadBalancerId, vip)),
    ensureMemberPort: (amphoraId, _loadBalancerId, networkId, subnetIds) =>
      transact((tx) => ensureMemberPort(tx, amphoraId, networkId, subnetIds)),
    portsOf: (amphoraId) => readPorts(db, { deviceId: amphoraId }),
    portDetails: (portId) => readPortDetails(db, portId),
    async deletePort(portId) {
      if (isUuid(portId)) await db.deleteFrom('port').where('id', '=', portId).execute();
    },
    made: () => madeThings(db),
  };
}
