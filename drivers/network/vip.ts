/** The VIP of a load balancer: which port and address it gets (Octavia: allowed_address_pairs.py, allocate_vip). */
import type { Db, Tx } from '../../db/database.ts';
import type { FixedIp, Port, Subnet } from '../../model/network.ts';
import { DriverError } from '../errors.ts';
import { canonicalAddress, capacity, parseCidr, rangeHolds } from './address.ts';
import type { AllocatedVip, VipRequest } from '../../model/vip.ts';
import { ensurePort, lockNetwork } from './ports.ts';
import { octaviaOwner, readPort, readSubnet, readSubnetsOf } from './rows.ts';

export const vipPortName = (loadBalancerId: string): string => `octavia-lb-${loadBalancerId}`;

/** Where the VIP goes: the subnet that the request names, or one of the network that suits it. */
interface VipPlace {
  readonly networkId: string;
  readonly subnetId: string;
}

const sameAddress = (one: string, other: string): boolean => canonicalAddress(one) === canonicalAddress(other);

/** How many addresses the subnet has left for ports. */
export async function countFree(db: Db, subnet: Subnet): Promise<number> {
  const range = parseCidr(subnet.cidr);
  if (range === null) return 0;
  const { taken } = await db
    .selectFrom('port_address')
    .select((eb) => eb.fn.countAll<number>().as('taken'))
    .where('subnet_id', '=', subnet.id)
    .executeTakeFirstOrThrow();
  const gateway = subnet.gatewayIp !== null && rangeHolds(range, subnet.gatewayIp) ? 1 : 0;
  return Math.max(0, capacity(range) - gateway - taken);
}

/** Without an address: the first subnet that has one left, IPv4 before IPv6. With one: the subnet that holds it. */
async function chooseSubnet(tx: Tx, networkId: string, address: string | null): Promise<Subnet> {
  const subnets = [...(await readSubnetsOf(tx, networkId))].sort((a, b) => a.ipVersion - b.ipVersion);
  if (subnets.length === 0) throw new DriverError('NetworkNotFound', `Network ${networkId} has no subnet.`);
  for (const subnet of subnets) {
    const range = parseCidr(subnet.cidr);
    if (address === null ? (await countFree(tx, subnet)) > 0 : range !== null && rangeHolds(range, address))
      return subnet;
  }
  if (address === null) {
    throw new DriverError('AddressesExhausted', `No more IP addresses available on network ${networkId}.`);
  }
  throw new DriverError('NetworkNotFound', `Network ${networkId} has no subnet with the address ${address}.`);
}

async function placeOf(tx: Tx, request: VipRequest): Promise<VipPlace> {
  if (request.subnetId !== null) {
    const subnet = await readSubnet(tx, request.subnetId);
    if (subnet === null || (request.networkId !== null && request.networkId !== subnet.networkId)) {
      throw new DriverError('NetworkNotFound', `Subnet ${request.subnetId} could not be found.`);
    }
    return { networkId: subnet.networkId, subnetId: subnet.id };
  }
  if (request.networkId === null) {
    throw new DriverError('NetworkNotFound', 'The VIP names neither a port, nor a network, nor a subnet that exists.');
  }
  await lockNetwork(tx, request.networkId);
  const subnet = await chooseSubnet(tx, request.networkId, request.address);
  return { networkId: request.networkId, subnetId: subnet.id };
}

/** The primary address of the VIP on a port, or null when the port does not have what the request asks for. */
function primaryOn(port: Port, request: VipRequest): FixedIp | null {
  if (request.networkId !== null && request.networkId !== port.networkId) return null;
  const { subnetId, address } = request;
  const additional = new Set(request.additional.map((wish) => wish.subnetId));
  const primary = port.fixedIps.find(
    (fixed) =>
      (subnetId === null ? !additional.has(fixed.subnetId) : fixed.subnetId === subnetId) &&
      (address === null || sameAddress(fixed.address, address)),
  );
  return primary ?? null;
}

/** What a port serves of the request, or null when it lacks an address. */
function vipOn(port: Port, request: VipRequest, owned: boolean): AllocatedVip | null {
  const primary = primaryOn(port, request);
  if (primary === null) return null;
  const additional: AllocatedVip['additional'][number][] = [];
  for (const wish of request.additional) {
    const fixed = port.fixedIps.find(
      (candidate) =>
        candidate !== primary &&
        candidate.subnetId === wish.subnetId &&
        (wish.address === null || sameAddress(candidate.address, wish.address)),
    );
    if (fixed === undefined) return null;
    additional.push({ ...fixed, portId: port.id, networkId: port.networkId });
  }
  return { portId: port.id, networkId: port.networkId, ...primary, owned, additional };
}

async function makeVip(tx: Tx, request: VipRequest): Promise<AllocatedVip> {
  const place = await placeOf(tx, request);
  const spec = {
    networkId: place.networkId,
    projectId: request.projectId,
    name: vipPortName(request.loadBalancerId),
    deviceId: `lb-${request.loadBalancerId}`,
    deviceOwner: octaviaOwner,
    adminStateUp: false,
    macAddress: null,
    allowedAddresses: [],
    securityGroupIds: request.securityGroupIds,
    addresses: [{ subnetId: place.subnetId, address: request.address }, ...request.additional],
  };
  const { port } = await ensurePort(tx, spec);
  const vip = vipOn(port, request, true);
  if (vip !== null) return vip;
  // Ours, but of another shape: left by a request that has since changed its mind.
  await tx.deleteFrom('port').where('id', '=', port.id).execute();
  const rebuilt = vipOn((await ensurePort(tx, spec)).port, request, true);
  if (rebuilt === null) throw new DriverError('NetworkNotFound', `Port ${port.id} cannot carry the VIP.`);
  return rebuilt;
}

/** Gives a load balancer its VIP; see NetworkDriver.allocateVip. Runs in a transaction of its own. */
export async function allocateVip(tx: Tx, request: VipRequest): Promise<AllocatedVip> {
  const given = request.portId === null ? null : await readPort(tx, request.portId);
  // Octavia builds a port anew when the one that is named is gone.
  if (given === null) return makeVip(tx, request);
  const owned = given.deviceOwner === octaviaOwner && given.name === vipPortName(request.loadBalancerId);
  const vip = vipOn(given, request, owned);
  if (vip !== null) return vip;
  if (!owned) {
    const owner = given.projectId ?? 'nobody';
    throw new DriverError('NetworkNotFound', `VIP port ${given.id} is broken, but is owned by project ${owner}.`);
  }
  return makeVip(tx, request);
}
