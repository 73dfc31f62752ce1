import { failure, flaskError, jsonObject } from '../http/message.ts';
import { parseAddress, parseNetwork } from '../interfaces/addresses.ts';
import type { FixedIp, HostRoute, Vip, VipInterface } from '../interfaces/file.ts';

/** What POST /plug/vip says beside the names that the agent gives (Octavia: plug.py, plug_vip). */
export interface VipNetwork {
  readonly vips: readonly Vip[];
  readonly vrrp: VipInterface['vrrp'];
}

export interface PlugVip extends VipNetwork {
  readonly mac: string;
  readonly mtu: number | null;
  readonly isSriov: boolean;
}

export interface PlugNetwork {
  readonly mac: string;
  readonly mtu: number | null;
  readonly fixedIps: readonly FixedIp[];
  /** Given when the port is the VRRP port, which then keeps its VIPs. */
  readonly vipNetwork: VipNetwork | null;
  readonly isSriov: boolean;
}

type Body = Readonly<Record<string, unknown>>;

/** Throws Bad Request in upstream's words. */
export function parsePlugVip(vip: string, raw: Buffer): PlugVip {
  const body = jsonObject(raw, 'Invalid subnet information');
  const mac = body['mac_address'];
  if (!('subnet_cidr' in body) || !('gateway' in body) || !isMac(mac))
    throw flaskError(400, 'Invalid subnet information');
  return { ...parseVipNetwork(vip, body), mac, mtu: parseMtu(body['mtu']), isSriov: body['is_sriov'] === true };
}

/** Throws Bad Request in upstream's words. */
export function parsePlugNetwork(raw: Buffer): PlugNetwork {
  const body = jsonObject(raw, 'Invalid port information');
  const mac = body['mac_address'];
  if (!isMac(mac)) throw flaskError(400, 'Invalid port information');
  const vipInfo = body['vip_net_info'];
  return {
    mac,
    mtu: parseMtu(body['mtu']),
    fixedIps: parseFixedIps(body['fixed_ips']),
    vipNetwork: isObject(vipInfo) ? parseVipNetwork(vipInfo['vip'], vipInfo) : null,
    isSriov: body['is_sriov'] === true,
  };
}

function parseVipNetwork(vip: unknown, body: Body): VipNetwork {
  const additional = objects(body['additional_vips']);
  const vips = worded('Invalid VIP: ', () => [
    parseVip({ ...body, ip_address: vip }),
    ...additional.map((entry) => parseVip(entry)),
  ]);
  const vrrpIp = body['vrrp_ip'];
  if (vrrpIp === undefined || vrrpIp === null || vrrpIp === '') return { vips, vrrp: null };
  const vrrp = worded('Invalid VRRP Address: ', () => ({
    ip: parseAddress(vrrpIp).exploded,
    prefixlen: parseNetwork(body['subnet_cidr']).prefixlen,
  }));
  return { vips, vrrp };
}

function parseVip(entry: Body): Vip {
  return {
    ipAddress: parseAddress(entry['ip_address']).exploded,
    prefixlen: parseNetwork(entry['subnet_cidr']).prefixlen,
    gateway: parseGateway(entry['gateway']),
    hostRoutes: parseHostRoutes(entry['host_routes']),
  };
}

function parseFixedIps(value: unknown): FixedIp[] {
  try {
    return objects(value).map((entry) => {
      parseNetwork(entry['subnet_cidr']);
      return {
        ipAddress: parseAddress(entry['ip_address']).exploded,
        subnetCidr: String(entry['subnet_cidr']),
        gateway: parseGateway(entry['gateway']),
        hostRoutes: parseHostRoutes(entry['host_routes']),
      };
    });
  } catch {
    throw failure(400, 'Invalid network port');
  }
}

function parseHostRoutes(value: unknown): HostRoute[] {
  return objects(value).map((route) => {
    const { destination, nexthop } = route;
    parseNetwork(destination);
    parseAddress(nexthop);
    return { destination: String(destination), nexthop: String(nexthop) };
  });
}

function parseGateway(value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null;
  return parseAddress(value).text;
}

/** Bytes; null when the port's network does not say. */
function parseMtu(value: unknown): number | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 68 && value <= 65_536) return value;
  throw failure(400, 'Invalid MTU', 'mtu must be a whole number from 68 to 65536');
}

function worded<T>(prefix: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw failure(400, `${prefix}${(error as Error).message}`);
  }
}

function objects(value: unknown): Body[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMac(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(value);
}
