import ipaddr from 'ipaddr.js';

export type IpVersion = 4 | 6;

export interface Address {
  /** As it was written. */
  readonly text: string;
  /** Without any shortening, as upstream writes addresses into its files. */
  readonly exploded: string;
  readonly version: IpVersion;
}

export interface Network {
  readonly address: string;
  readonly prefixlen: number;
  readonly version: IpVersion;
}

/** Parses an address; throws an Error in the words of Python's ipaddress, which upstream's answers carry. */
export function parseAddress(text: unknown): Address {
  if (typeof text !== 'string' || !isStrict(text)) {
    throw new Error(`${quote(text)} does not appear to be an IPv4 or IPv6 address`);
  }
  return { text, exploded: exploded(ipaddr.parse(text)), version: versionOf(text) };
}

/** Parses a network that must have no host bits set, as Python's ip_network does. */
export function parseNetwork(text: unknown): Network {
  const [address = '', prefix = ''] = typeof text === 'string' ? text.split('/') : [];
  const refused = (): never => {
    throw new Error(`${quote(text)} does not appear to be an IPv4 or IPv6 network`);
  };
  if (!isStrict(address) || !/^\d{1,3}$/.test(prefix)) return refused();
  const version = parseAddress(address).version;
  const prefixlen = Number(prefix);
  if (prefixlen > bitsOf(version)) return refused();
  if (networkOf(address, prefixlen) !== compress(address)) throw new Error(`${String(text)} has host bits set`);
  return { address, prefixlen, version };
}

/** The network's address when host bits are cleared, in its shortest form. */
export function networkOf(address: string, prefixlen: number): string {
  const cidr = `${address}/${prefixlen}`;
  return ipaddr.IPv6.isValid(address)
    ? ipaddr.IPv6.networkAddressFromCIDR(cidr).toString()
    : ipaddr.IPv4.networkAddressFromCIDR(cidr).toString();
}

/** The shortest form of an address, so that two spellings compare equal. */
export function compress(address: string): string {
  return ipaddr.parse(address).toString();
}

export function explodedNetwork(address: string, prefixlen: number): string {
  return `${exploded(ipaddr.parse(networkOf(address, prefixlen)))}/${prefixlen}`;
}

export function versionOf(address: string): IpVersion {
  return address.includes(':') ? 6 : 4;
}

export function bitsOf(version: IpVersion): number {
  return version === 6 ? 128 : 32;
}

function isStrict(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || (text.includes(':') && ipaddr.IPv6.isValid(text));
}

function exploded(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  if (!(address instanceof ipaddr.IPv6)) return address.toString();
  return address.parts.map((part) => part.toString(16).padStart(4, '0')).join(':');
}

function quote(text: unknown): string {
  return `'${String(text)}'`;
}
