/** Which port, network, subnet and address a request means (Octavia: api/v2/controllers/load_balancer.py, validate.py). */
import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { NetworkReader } from '../../../drivers/network/contract.ts';
import { subresourceNotFound, validationFailure } from '../../../model/errors.ts';
import type { Port, Subnet } from '../../../model/network.ts';
import type { Topology } from '../../../model/status.ts';
import type { LoadBalancerPost } from './schema.ts';

export interface ResolvedVip {
  readonly portId: string | null;
  readonly networkId: string;
  readonly subnetId: string | null;
  readonly address: string | null;
  readonly qosPolicyId: string | null;
}

/** Free addresses that a subnet must have to be chosen: one for the VIP, one for each amphora. */
const addressesNeeded: Readonly<Record<Topology, number>> = { SINGLE: 2, ACTIVE_STANDBY: 3 };

/** Throws the ApiError 400 that names what cannot be. */
export async function resolveVip(
  network: NetworkReader,
  body: LoadBalancerPost,
  topology: Topology,
): Promise<ResolvedVip> {
  const qosPolicyId = body.vip_qos_policy_id ?? null;
  const address = body.vip_address ?? null;
  if (body.vip_port_id) return fromPort(network, body, body.vip_port_id);
  if (body.vip_network_id) {
    const subnetId = await subnetInNetwork(network, body, body.vip_network_id, topology);
    return { portId: null, networkId: body.vip_network_id, subnetId, address, qosPolicyId };
  }
  if (body.vip_subnet_id) {
    const subnet = await existingSubnet(network, body.vip_subnet_id);
    return { portId: null, networkId: subnet.networkId, subnetId: subnet.id, address, qosPolicyId };
  }
  throw validationFailure('VIP must contain one of: vip_port_id, vip_network_id, vip_subnet_id.');
}

export async function existingSubnet(network: NetworkReader, id: string): Promise<Subnet> {
  const subnet = await network.subnet(id);
  if (subnet === null) throw subresourceNotFound('Subnet', id);
  return subnet;
}

async function fromPort(network: NetworkReader, body: LoadBalancerPost, id: string): Promise<ResolvedVip> {
  const port = await network.port(id);
  if (port === null) throw subresourceNotFound('Port', id);
  if (port.deviceId !== '') throw validationFailure(`Port ${id} is already used by device ${port.deviceId} `);
  if (body.vip_subnet_id) await existingSubnet(network, body.vip_subnet_id);
  return {
    portId: id,
    networkId: port.networkId,
    qosPolicyId: body.vip_qos_policy_id === undefined ? port.qosPolicyId : body.vip_qos_policy_id,
    ...addressOn(port, body),
  };
}

function addressOn(port: Port, body: LoadBalancerPost): { subnetId: string; address: string } {
  if (body.vip_subnet_id) {
    const fixed = port.fixedIps.find((ip) => ip.subnetId === body.vip_subnet_id);
    const address = fixed?.address ?? body.vip_address;
    if (address) return { subnetId: body.vip_subnet_id, address };
    throw validationFailure('No VIP address found on the specified VIP port within the specified subnet.');
  }
  if (body.vip_address) {
    const wanted = normalAddress(body.vip_address);
    const fixed = port.fixedIps.find((ip) => normalAddress(ip.address) === wanted);
    if (fixed !== undefined) return { subnetId: fixed.subnetId, address: body.vip_address };
    throw validationFailure('Specified VIP address not found on the specified VIP port.');
  }
  const [only, ...more] = port.fixedIps;
  if (only !== undefined && more.length === 0) return { subnetId: only.subnetId, address: only.address };
  throw validationFailure("VIP port's subnet could not be determined. Please specify either a VIP subnet or address.");
}

const normalAddress = (address: string): string =>
  isIPv4(address) ? address : ipaddr.IPv6.parse(address).toRFC5952String();

async function subnetInNetwork(
  reader: NetworkReader,
  body: LoadBalancerPost,
  networkId: string,
  topology: Topology,
): Promise<string> {
  const network = await reader.network(networkId);
  if (network === null) throw subresourceNotFound('Network', networkId);
  if (body.vip_subnet_id) {
    const subnet = await existingSubnet(reader, body.vip_subnet_id);
    if (!network.subnetIds.includes(subnet.id)) throw subresourceNotFound('Subnet', subnet.id);
    return subnet.id;
  }
  if (network.subnetIds.length === 0) throw validationFailure('Supplied network does not contain a subnet.');
  const found = await Promise.all(network.subnetIds.map((id) => reader.subnet(id)));
  const subnets = found.filter((subnet) => subnet !== null);
  return body.vip_address
    ? subnetWithAddress(subnets, body.vip_address)
    : subnetWithRoom(reader, subnets, addressesNeeded[topology]);
}

function subnetWithAddress(subnets: readonly Subnet[], address: string): string {
  const wanted = ipaddr.parse(address);
  const subnet = subnets.find(({ cidr }) => {
    const network = ipaddr.parseCIDR(cidr);
    return network[0].kind() === wanted.kind() && wanted.match(network);
  });
  if (subnet !== undefined) return subnet.id;
  throw validationFailure('Supplied network does not contain a subnet for VIP address specified.');
}

async function subnetWithRoom(reader: NetworkReader, subnets: readonly Subnet[], needed: number): Promise<string> {
  const free = await Promise.all(subnets.map((subnet) => reader.freeAddresses(subnet.id)));
  const roomy = subnets.filter((_, index) => (free[index] ?? 0) >= needed);
  const chosen = roomy.find((subnet) => subnet.ipVersion === 4) ?? roomy[0];
  if (chosen !== undefined) return chosen.id;
  throw validationFailure('Subnet(s) in the supplied network do not contain enough available IPs.');
}
