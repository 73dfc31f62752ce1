/** Arithmetic of subnets and addresses, IPv4 and IPv6 alike. Pure. */
import ipaddr from 'ipaddr.js';

/** A block of addresses as numbers: `first` and `last` may be given to ports. */
export interface AddressRange {
  readonly version: 4 | 6;
  readonly network: bigint;
  readonly first: bigint;
  readonly last: bigint;
  readonly prefix: number;
}

const bitsOf = { 4: 32, 6: 128 } as const;

const toNumber = (bytes: readonly number[]): bigint => bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);

/** Text of an address in its one canonical form (RFC 5952 for IPv6). */
function toText(value: bigint, version: 4 | 6): string {
  const length = bitsOf[version] / 8;
  const bytes = Array.from({ length }, (_, index) => Number((value >> BigInt(8 * (length - 1 - index))) & 255n));
  return ipaddr.fromByteArray(bytes).toString();
}

/** The canonical text of an address, or null for what is not one. IPv4 in four parts only, no zone. */
export function canonicalAddress(text: string): string | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text).toString();
  if (!ipaddr.IPv6.isValid(text) || text.includes('%')) return null;
  return ipaddr.IPv6.parse(text).toString();
}

/** Reads a CIDR in the form `network/prefix`. Returns null when it is malformed; host bits that are set are cleared. */
export function parseCidr(cidr: string): AddressRange | null {
  const [address = '', prefixText = '', ...rest] = cidr.split('/');
  if (rest.length > 0 || !/^\d{1,3}$/.test(prefixText) || canonicalAddress(address) === null) return null;
  const parsed = ipaddr.parse(address);
  const version = parsed.kind() === 'ipv4' ? 4 : 6;
  const prefix = Number(prefixText);
  if (prefix > bitsOf[version]) return null;
  const hostBits = BigInt(bitsOf[version] - prefix);
  const network = (toNumber(parsed.toByteArray()) >> hostBits) << hostBits;
  const last = network + (1n << hostBits) - 1n;
  // The lowest address names the subnet (in IPv6 it is the routers' anycast, RFC 4291 2.6.1); IPv4's highest is the broadcast.
  return { version, network, first: network + 1n, last: version === 4 ? last - 1n : last, prefix };
}

export function formatCidr(range: AddressRange): string {
  return `${toText(range.network, range.version)}/${range.prefix}`;
}

/** The first address of a range that a port or gateway may have. */
export function firstAddress(range: AddressRange): string {
  return toText(range.first, range.version);
}

/** Whether an address may be given to a port or gateway of the range. */
export function rangeHolds(range: AddressRange, address: string): boolean {
  const canonical = canonicalAddress(address);
  if (canonical === null) return false;
  const parsed = ipaddr.parse(canonical);
  if ((parsed.kind() === 'ipv4' ? 4 : 6) !== range.version) return false;
  const value = toNumber(parsed.toByteArray());
  return value >= range.first && value <= range.last;
}

export function rangesOverlap(one: AddressRange, other: AddressRange): boolean {
  if (one.version !== other.version) return false;
  const end = (range: AddressRange): bigint =>
    range.network + (1n << BigInt(bitsOf[range.version] - range.prefix)) - 1n;
  return one.network <= end(other) && other.network <= end(one);
}

/** The lowest address of the range that is not taken (canonical texts), or null when all are. */
export function lowestFree(range: AddressRange, taken: ReadonlySet<string>): string | null {
  for (let value = range.first; value <= range.last; value += 1n) {
    const text = toText(value, range.version);
    if (!taken.has(text)) return text;
  }
  return null;
}

/** How many addresses a range has for ports, at most 2^53 - 1. */
export function capacity(range: AddressRange): number {
  const size = range.last - range.first + 1n;
  return size > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(size);
}
