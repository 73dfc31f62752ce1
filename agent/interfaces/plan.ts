import { bitsOf, compress, networkOf, versionOf } from './addresses.ts';
import type { AddressInfo } from './addresses-in-use.ts';
import type { InterfaceFile, InterfaceRoute, InterfaceRule } from './file.ts';

/** A route of ours as `ip -j route show` says it. */
export interface RouteInUse {
  readonly dst: string;
  readonly gateway?: string;
  readonly prefsrc?: string;
  /** Absent for the main table. */
  readonly table?: string;
}

/** A rule as `ip -j rule show` says it. */
export interface RuleInUse {
  readonly src: string;
  readonly srclen?: number;
  readonly table: string;
  readonly protocol?: string;
}

interface Wanted {
  readonly key: string;
  readonly add: string | null;
}

interface Present {
  readonly key: string;
  readonly remove: string;
}

/**
 * Lines for `ip -batch` that set an interface up with the addresses of its file and no others; but for the first line,
 * nothing when all is so already (Octavia: utils/interface.py). Addresses that keepalived owns are neither added nor removed.
 */
export function planAddresses(file: InterfaceFile, present: readonly AddressInfo[]): readonly string[] {
  const dev = `dev ${file.name}`;
  const mtu = file.mtu === undefined ? '' : ` mtu ${file.mtu}`;
  return [`link set ${dev}${mtu} up`, ...changes(wantedAddresses(file, dev), presentAddresses(present, dev))];
}

/** As `planAddresses`, for routes. `present` are static ones only: those of the kernel and of keepalived are not ours. */
export function planRoutes(file: InterfaceFile, present: readonly RouteInUse[]): readonly string[] {
  const dev = `dev ${file.name}`;
  return changes(
    file.routes.map((route) => wantedRoute(route, dev)),
    present.map((route) => presentRoute(route, dev)),
  );
}

/** As `planAddresses`, for rules, which only the VIP interface has. */
export function planRules(file: InterfaceFile, present: readonly RuleInUse[]): readonly string[] {
  return file.if_type === 'vip' ? changes(file.rules.map(wantedRule), presentRules(present)) : [];
}

function changes(wanted: readonly Wanted[], present: readonly Present[]): string[] {
  const wantedKeys = new Set(wanted.map(({ key }) => key));
  const presentKeys = new Set(present.map(({ key }) => key));
  const missing = wanted.filter(({ key }) => !presentKeys.has(key));
  const additions = missing.flatMap(({ add }) => (add === null ? [] : [add]));
  const removals = present.filter(({ key }) => !wantedKeys.has(key)).map(({ remove }) => remove);
  return [...new Set(additions), ...removals];
}

function wantedAddresses(file: InterfaceFile, dev: string): Wanted[] {
  return file.addresses.flatMap((entry) => {
    if (!('address' in entry)) return [];
    const key = `${compress(entry.address)}/${entry.prefixlen}`;
    // The network gave the address to this port alone: waiting for duplicates would only delay the first answer.
    const nodad = versionOf(entry.address) === 6 ? ' nodad' : '';
    return [{ key, add: entry.octavia_owned === false ? null : `address add ${key} ${dev}${nodad}` }];
  });
}

function presentAddresses(addresses: readonly AddressInfo[], dev: string): Present[] {
  const ours = addresses.filter(({ scope, dynamic }) => scope === 'global' && dynamic !== true);
  return ours.map(({ local, prefixlen }) => {
    const key = `${compress(local)}/${prefixlen}`;
    return { key, remove: `address del ${key} ${dev}` };
  });
}

function wantedRoute(route: InterfaceRoute, dev: string): Wanted {
  const [address = '', prefix] = route.dst.split('/');
  const prefixlen = prefix === undefined ? bitsOf(versionOf(address)) : Number(prefix);
  const network = `${networkOf(address, prefixlen)}/${prefixlen}`;
  const table = route.table ?? 254;
  const parts = [
    `route add ${network}`,
    ...(route.gateway === undefined ? [] : [`via ${compress(route.gateway)}`]),
    dev,
    ...(route.scope === undefined || versionOf(address) === 6 ? [] : [`scope ${route.scope}`]),
    ...(route.prefsrc === undefined ? [] : [`src ${compress(route.prefsrc)}`]),
    ...(route.flags ?? []),
    `table ${table} proto static`,
  ];
  return { key: routeKey(network, route.gateway, route.prefsrc, String(table)), add: parts.join(' ') };
}

function presentRoute(route: RouteInUse, dev: string): Present {
  const family = versionOf(route.gateway ?? route.dst);
  const all = family === 6 ? '::/0' : '0.0.0.0/0';
  const network = route.dst === 'default' ? all : withPrefix(route.dst);
  const table = route.table === undefined || route.table === 'main' ? '254' : route.table;
  const via = route.gateway === undefined ? '' : ` via ${route.gateway}`;
  return {
    key: routeKey(network, route.gateway, route.prefsrc, table),
    remove: `route del ${network}${via} ${dev} table ${table} proto static`,
  };
}

function routeKey(network: string, gateway: string | undefined, prefsrc: string | undefined, table: string): string {
  const [via, source] = [gateway, prefsrc].map((address) => (address === undefined ? '-' : compress(address)));
  return `${network} ${via} ${source} ${table}`;
}

function wantedRule(rule: InterfaceRule): Wanted {
  const key = `${compress(rule.src)}/${rule.src_len} ${rule.table}`;
  return { key, add: `rule add from ${compress(rule.src)}/${rule.src_len} table ${rule.table} protocol static` };
}

/** Rules with a source that neither the kernel nor keepalived made. */
function presentRules(rules: readonly RuleInUse[]): Present[] {
  const ours = rules.filter(({ src, protocol }) => src !== 'all' && !['kernel', 'keepalived'].includes(protocol ?? ''));
  return ours.map(({ src, srclen, table }) => {
    const network = srclen === undefined ? withPrefix(src) : `${src}/${srclen}`;
    return { key: `${network} ${table}`, remove: `rule del from ${network} table ${table}` };
  });
}

function withPrefix(destination: string): string {
  const [address = '', prefix] = destination.split('/');
  return `${compress(address)}/${prefix ?? bitsOf(versionOf(address))}`;
}
