/**
 * The packet filter around every port, as nftables rules: a port sends only what is its own (Neutron: port security). Rules are a
 * chain per port in `table bridge weir`, reached through a map, so that a port's rules are replaced in one transaction.
 */
import ipaddr from 'ipaddr.js';
import type { Port } from '../../../model/network.ts';
import { run } from './command.ts';

const table = 'bridge weir';

/** Made if it is missing. What comes from an interface of ours that has no rules is dropped. */
const base = [
  `add table ${table}`,
  `add map ${table} ports { type ifname : verdict; }`,
  `add chain ${table} prerouting { type filter hook prerouting priority -200; policy accept; }`,
  `flush chain ${table} prerouting`,
  `add rule ${table} prerouting iifname vmap @ports`,
  `add rule ${table} prerouting iifname "wp*" drop`,
  `add rule ${table} prerouting iifname "wm*" drop`,
  // The host routes between tenant networks, never to or from the management network.
  'add table inet weir',
  'add set inet weir management { type ifname; }',
  'add chain inet weir forward { type filter hook forward priority 0; policy accept; }',
  'flush chain inet weir forward',
  'add rule inet weir forward iifname @management drop',
  'add rule inet weir forward oifname @management drop',
];

/** Rules of a chain, without the table and the chain's name. */
type Rules = readonly string[];

/** The link-local address that an interface makes from its MAC (RFC 4291, appendix A). */
function linkLocalOf(mac: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac.split(':').map((byte) => parseInt(byte, 16));
  return ipaddr.fromByteArray([0xfe, 0x80, 0, 0, 0, 0, 0, 0, a ^ 2, b, c, 0xff, 0xfe, d, e, f]).toString();
}

const asSet = (values: readonly string[]): string => `{ ${values.join(', ')} }`;
const asHex = (address: string): string => `0x${Buffer.from(ipaddr.parse(address).toByteArray()).toString('hex')}`;

/**
 * What a tenant port may send: ARP and IP from its fixed and allowed addresses and, for IPv6, from its link-local address; no
 * router advertisements. Neighbour discovery may speak only of these addresses (the target is 8 bytes into the message, RFC 4861).
 */
export function portRules(port: Port): Rules {
  const addresses = [...port.fixedIps.map((fixed) => fixed.address), ...port.allowedAddresses];
  const isV4 = (address: string): boolean => ipaddr.parse(address).kind() === 'ipv4';
  const v4 = [...new Set(addresses.filter(isV4))];
  const v6 = [...new Set([...addresses.filter((address) => !isV4(address)), linkLocalOf(port.macAddress)])];
  const targets = asSet(v6.map(asHex));
  return [
    `ether saddr != ${port.macAddress} drop`,
    // 0.0.0.0 asks whether an address is free (RFC 5227).
    `arp saddr ether ${port.macAddress} arp saddr ip ${asSet(['0.0.0.0', ...v4])} accept`,
    ...(v4.length === 0 ? [] : [`ip saddr ${asSet(v4)} accept`]),
    'icmpv6 type { nd-router-advert, nd-redirect } drop',
    `icmpv6 type nd-neighbor-advert @th,64,128 != ${targets} drop`,
    `ip6 saddr :: icmpv6 type nd-neighbor-solicit @th,64,128 ${targets} accept`,
    'ip6 saddr :: icmpv6 type mld2-listener-report accept',
    `ip6 saddr ${asSet(v6)} accept`,
    'drop',
  ];
}

/** An address and UDP port that amphorae send heartbeats to. */
export interface HeartbeatTarget {
  readonly address: string;
  readonly port: number;
}

export interface ManagementPort {
  readonly mac: string;
  readonly address: string;
  readonly hostAddress: string;
  readonly heartbeatTargets: readonly HeartbeatTarget[];
}

/** Port of the agent (Octavia: [haproxy_amphora] bind_port). */
const agentPort = 9443;

/** What an amphora may send on the management network: heartbeats, and answers to connections to its agent. */
export function managementRules({ mac, address, hostAddress, heartbeatTargets }: ManagementPort): Rules {
  const targets = heartbeatTargets.filter((target) => ipaddr.IPv4.isValidFourPartDecimal(target.address));
  return [
    `ether saddr != ${mac} drop`,
    `arp saddr ether ${mac} arp saddr ip ${address} arp daddr ip ${hostAddress} accept`,
    `ip saddr != ${address} drop`,
    ...targets.map((target) => `ip daddr ${target.address} udp dport ${target.port} accept`),
    `tcp sport ${agentPort} tcp flags & (syn | ack) != syn accept`,
    'drop',
  ];
}

/** Lines that replace the rules of one interface. */
function replaceLines(link: string, rules: Rules): readonly string[] {
  return [
    `add chain ${table} ${link}`,
    `flush chain ${table} ${link}`,
    ...rules.map((rule) => `add rule ${table} ${link} ${rule}`),
    `add element ${table} ports { "${link}" : goto ${link} }`,
  ];
}

/** Puts rules on interfaces, all at once or not at all. The interfaces need not exist yet. */
export async function guard(
  rulesOf: ReadonlyMap<string, Rules>,
  managementBridge: string | null = null,
): Promise<void> {
  const bridge = managementBridge === null ? [] : [`add element inet weir management { "${managementBridge}" }`];
  const ports = [...rulesOf].flatMap(([link, rules]) => replaceLines(link, rules));
  await run('nft', ['-f', '-'], [...base, ...bridge, ...ports, ''].join('\n'));
}

/** Takes the rules off interfaces, whether there are any or not. */
export async function unguard(links: readonly string[], managementBridge: string | null = null): Promise<void> {
  const lines = links.flatMap((link) => [
    `add chain ${table} ${link}`,
    `add element ${table} ports { "${link}" : goto ${link} }`,
    `delete element ${table} ports { "${link}" }`,
    `delete chain ${table} ${link}`,
  ]);
  const bridge =
    managementBridge === null
      ? []
      : [
          `add element inet weir management { "${managementBridge}" }`,
          `delete element inet weir management { "${managementBridge}" }`,
        ];
  await run('nft', ['-f', '-'], [...base, ...lines, ...bridge, ''].join('\n'));
}

/** Removes both tables. For when nothing of ours is plugged any more. */
export async function removeGuard(): Promise<void> {
  const lines = [`add table ${table}`, `delete table ${table}`, 'add table inet weir', 'delete table inet weir', ''];
  await run('nft', ['-f', '-'], lines.join('\n'));
}
