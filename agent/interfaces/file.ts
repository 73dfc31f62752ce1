import { bitsOf, explodedNetwork, parseNetwork, versionOf, type IpVersion } from './addresses.ts';

/** An interface file as upstream writes it to /etc/octavia/interfaces/<name>.json (Octavia: utils/interface_file.py). */
export interface InterfaceFile {
  readonly name: string;
  readonly if_type: 'lo' | 'vip' | 'backend';
  readonly addresses: readonly InterfaceAddress[];
  readonly routes: readonly InterfaceRoute[];
  readonly rules: readonly InterfaceRule[];
  readonly scripts: { readonly up: readonly Script[]; readonly down: readonly Script[] };
  readonly is_sriov: boolean;
  readonly mtu?: number;
}

export type InterfaceAddress =
  /** `octavia_owned: false`: keepalived sets it. */
  | { readonly address: string; readonly prefixlen: number; readonly octavia_owned?: boolean }
  | { readonly dhcp?: true; readonly ipv6auto?: true };

export interface InterfaceRoute {
  readonly dst: string;
  readonly gateway?: string;
  readonly flags?: readonly string[];
  readonly scope?: 'link';
  readonly prefsrc?: string;
  /** 254, the main one, unless told. */
  readonly table?: number;
}

export interface InterfaceRule {
  readonly src: string;
  readonly src_len: number;
  readonly table: number;
}

export interface Script {
  readonly command: string;
}

export interface HostRoute {
  readonly destination: string;
  readonly nexthop: string;
}

export interface Vip {
  readonly ipAddress: string;
  readonly prefixlen: number;
  readonly gateway: string | null;
  readonly hostRoutes: readonly HostRoute[];
}

export interface FixedIp {
  readonly ipAddress: string;
  readonly subnetCidr: string;
  readonly gateway: string | null;
  readonly hostRoutes: readonly HostRoute[];
}

export interface VipInterface {
  readonly name: string;
  readonly mtu: number | null;
  readonly vips: readonly Vip[];
  /** The address of the VRRP port; null for an address by DHCP. */
  readonly vrrp: { readonly ip: string; readonly prefixlen: number } | null;
  readonly fixedIps: readonly FixedIp[];
  readonly activeStandby: boolean;
  readonly isSriov: boolean;
}

export interface PortInterface {
  readonly name: string;
  readonly mtu: number | null;
  readonly fixedIps: readonly FixedIp[];
  readonly isSriov: boolean;
}

const onlink = ['onlink'] as const;

/** The routing table that answers with the VIP as source. */
const vipTable = 1;

export function loInterfaceFile(): InterfaceFile {
  const addresses = [{ address: '127.0.0.1', prefixlen: 8 }];
  const scripts = { up: [], down: [] };
  return { name: 'lo', if_type: 'lo', addresses, routes: [], rules: [], scripts, is_sriov: false };
}

/** The file of the VIP interface. In ACTIVE_STANDBY keepalived owns the VIP with its table and rules. */
export function vipInterfaceFile(vip: VipInterface): InterfaceFile {
  const versions = vip.vips.map(({ ipAddress }) => versionOf(ipAddress));
  const fixedVersions = vip.fixedIps.map(({ ipAddress }) => versionOf(ipAddress));
  const base: readonly InterfaceAddress[] =
    vip.vrrp === null ? automatic(versions) : [{ address: vip.vrrp.ip, prefixlen: vip.vrrp.prefixlen }];
  const owned = vip.vips.map(({ ipAddress }) => ({
    address: ipAddress,
    prefixlen: bitsOf(versionOf(ipAddress)),
    octavia_owned: !vip.activeStandby,
  }));
  const rules = owned.map(({ address, prefixlen }) => ({ src: address, src_len: prefixlen, table: vipTable }));
  return {
    name: vip.name,
    if_type: 'vip',
    addresses: [...base, ...owned, ...vip.fixedIps.map(fixedAddress)],
    routes: [
      ...vip.vips.flatMap((address) => vipRoutes(address, vip.activeStandby)),
      ...vip.fixedIps.flatMap((fixed) => fixedRoutes(fixed, vip.activeStandby)),
    ],
    rules: vip.activeStandby ? [] : rules,
    scripts: masqueradeScripts(vip.name, [...versions, ...fixedVersions], vip.isSriov),
    is_sriov: vip.isSriov,
    ...mtuOf(vip.mtu),
  };
}

/** The file of an interface in a member network; without addresses it asks DHCP and takes what routers advertise. */
export function portInterfaceFile(port: PortInterface): InterfaceFile {
  const versions: readonly IpVersion[] =
    port.fixedIps.length > 0 ? port.fixedIps.map(({ ipAddress }) => versionOf(ipAddress)) : [4, 6];
  return {
    name: port.name,
    if_type: 'backend',
    addresses: port.fixedIps.length > 0 ? port.fixedIps.map(fixedAddress) : [{ dhcp: true, ipv6auto: true }],
    routes: port.fixedIps.flatMap(({ hostRoutes }) => hostRoutes.map((route) => hostRoute(route))),
    rules: [],
    scripts: masqueradeScripts(port.name, versions, port.isSriov),
    is_sriov: port.isSriov,
    ...mtuOf(port.mtu),
  };
}

function vipRoutes(vip: Vip, activeStandby: boolean): InterfaceRoute[] {
  const subnet = explodedNetwork(vip.ipAddress, vip.prefixlen);
  const gateway = defaultRoutes(vip.ipAddress, vip.gateway, activeStandby);
  const link: InterfaceRoute = { dst: subnet, scope: 'link' };
  const fromVip: InterfaceRoute = { dst: subnet, prefsrc: vip.ipAddress, scope: 'link', table: vipTable };
  return [
    ...gateway,
    link,
    ...(activeStandby ? [] : [fromVip]),
    ...vip.hostRoutes.map((route) => hostRoute(route)),
    ...vip.hostRoutes.map((route) => ({ ...hostRoute(route), table: vipTable })),
  ];
}

function fixedRoutes(fixed: FixedIp, activeStandby: boolean): InterfaceRoute[] {
  const gateway = defaultRoutes(fixed.ipAddress, fixed.gateway, activeStandby);
  return [...gateway, ...fixed.hostRoutes.map((route) => hostRoute(route))];
}

function defaultRoutes(address: string, gateway: string | null, activeStandby: boolean): InterfaceRoute[] {
  if (gateway === null) return [];
  const route = { dst: versionOf(address) === 6 ? '::/0' : '0.0.0.0/0', gateway, flags: onlink };
  return activeStandby ? [route] : [route, { ...route, table: vipTable }];
}

function hostRoute({ destination, nexthop }: HostRoute): InterfaceRoute {
  return { dst: destination, gateway: nexthop, flags: onlink };
}

function fixedAddress({ ipAddress, subnetCidr }: FixedIp): InterfaceAddress {
  return { address: ipAddress, prefixlen: parseNetwork(subnetCidr).prefixlen };
}

function automatic(versions: readonly IpVersion[]): InterfaceAddress[] {
  const dhcp: InterfaceAddress[] = versions.includes(4) ? [{ dhcp: true }] : [];
  const ipv6auto: InterfaceAddress[] = versions.includes(6) ? [{ ipv6auto: true }] : [];
  return [...dhcp, ...ipv6auto];
}

/** UDP and SCTP leave with the amphora's own address (Octavia: elements/amphora-agent, lvs-masquerade.sh). */
function masqueradeScripts(name: string, versions: readonly IpVersion[], isSriov: boolean): InterfaceFile['scripts'] {
  const scripts = (verb: string): Script[] =>
    [...new Set(versions)].map((version) => ({
      command: `/usr/local/bin/lvs-masquerade.sh ${verb} ipv${version} ${name}${isSriov ? ' sriov' : ''}`,
    }));
  return { up: scripts('add'), down: scripts('delete') };
}

function mtuOf(mtu: number | null): { mtu?: number } {
  return mtu === null ? {} : { mtu };
}
