/** The scalar types of Octavia's API (Octavia: api/common/types.py; WSME: types.py). */
import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { pythonText } from './python.ts';
import { InvalidValue, Unconvertible, type Type } from './type.ts';

interface TextLimits {
  readonly max?: number;
  readonly min?: number;
  /** Tested as it stands; shown to the client. */
  readonly pattern?: RegExp;
}

export function text({ max, min, pattern }: TextLimits = {}): Type<string> {
  return {
    schema: {
      type: 'string',
      ...(min === undefined ? {} : { minLength: min }),
      ...(max === undefined ? {} : { maxLength: max }),
      ...(pattern === undefined ? {} : { pattern: pattern.source }),
    },
    parse: (value) => {
      if (typeof value !== 'string') throw new InvalidValue('Value should be string');
      if (min !== undefined && value.length < min) {
        throw new InvalidValue(`Value should have a minimum character requirement of ${min}`);
      }
      if (max !== undefined && value.length > max) {
        throw new InvalidValue(`Value should have a maximum character requirement of ${max}`);
      }
      // PostgreSQL stores no NUL in a text.
      if (value.includes('\0')) throw new InvalidValue('Value should not contain NUL characters');
      if (pattern !== undefined && !pattern.test(value)) {
        throw new InvalidValue(`Value should match the pattern ${pattern.source}`);
      }
      return value;
    },
  };
}

const integral = /^\s*[+-]?\d+(_\d+)*\s*$/;

/** Python's `int()`: numeric texts and booleans count, fractions are cut off. */
function toInteger(value: unknown): number {
  if (typeof value === 'number') return Math.trunc(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string' && integral.test(value)) return Number(value.replaceAll('_', ''));
  throw new Unconvertible(`invalid literal for int() with base 10: '${pythonText(value)}'`);
}

export function integer(minimum?: number, maximum = 2_147_483_647): Type<number> {
  return {
    schema: { type: 'integer', ...(minimum === undefined ? {} : { minimum }), maximum },
    parse: (value) => {
      const number = toInteger(value);
      if (minimum !== undefined && number < minimum) {
        throw new InvalidValue(`Value should be greater or equal to ${minimum}`);
      }
      if (number > maximum) throw new InvalidValue(`Value should be lower or equal to ${maximum}`);
      return number;
    },
  };
}

const trueWords = new Set(['true', 't', 'yes', 'y', 'on', '1']);
const falseWords = new Set(['false', 'f', 'no', 'n', 'off', '0']);

export const boolean: Type<boolean> = {
  schema: { type: 'boolean' },
  parse: (value) => {
    if (typeof value === 'boolean') return value;
    if (typeof value === 'number') return value !== 0;
    const word = pythonText(value).trim().toLowerCase();
    if (trueWords.has(word)) return true;
    if (falseWords.has(word)) return false;
    throw new Unconvertible(`Value not an unambiguous boolean: ${pythonText(value)}`);
  },
};

/** oslo's `bool_from_string` as query arguments have it: what is not known as true is false. */
export function isTrue(word: string): boolean {
  return trueWords.has(word.trim().toLowerCase());
}

const hex = /^[0-9a-f]{32}$/;

/** Reads an id as Python's `uuid.UUID()` does, undashed and in any case. Null for anything else. */
export function normalizeUuid(value: string): string | null {
  const digits = value
    .toLowerCase()
    .replace('urn:', '')
    .replace('uuid:', '')
    .replaceAll(/^[{}]+|[{}]+$|-/g, '');
  if (!hex.test(digits)) return null;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export const uuid: Type<string> = {
  schema: { type: 'string', format: 'uuid' },
  parse: (value) => {
    const id = typeof value === 'string' ? normalizeUuid(value) : null;
    if (id === null) throw new InvalidValue('Value should be UUID format');
    return id;
  },
};

export function oneOf<const T extends string | number>(...values: readonly T[]): Type<T> {
  return {
    schema: { enum: values },
    parse: (value) => {
      const found = values.find((candidate) => candidate === value);
      if (found === undefined) throw new InvalidValue(`Value should be one of: ${values.join(', ')}`);
      return found;
    },
  };
}

/** An address, kept as it was written. */
export const ipAddress: Type<string> = {
  schema: { type: 'string', anyOf: [{ format: 'ipv4' }, { format: 'ipv6' }] },
  parse: (value) => {
    if (typeof value === 'string' && (isIPv4(value) || (isIPv6(value) && !value.includes('%')))) return value;
    throw new InvalidValue('Value should be IPv4 or IPv6 format');
  },
};

/** The prefix length behind the slash: digits, or an IPv4 netmask. Null where it is neither. */
function prefixLength(suffix: string | undefined, bits: number): number | null {
  if (suffix === undefined) return bits;
  if (/^\d{1,3}$/.test(suffix)) return Number(suffix) <= bits ? Number(suffix) : null;
  return bits === 32 && isIPv4(suffix) ? ipaddr.IPv4.parse(suffix).prefixLengthFromSubnetMask() : null;
}

/** A network in prefix form with its host bits cleared, as Python's `ip_network(strict=False)` gives it. Null for anything else. */
export function normalizeCidr(value: string): string | null {
  const [address = '', suffix, ...rest] = value.split('/');
  if (rest.length > 0 || address.includes('%') || !(isIPv4(address) || isIPv6(address))) return null;
  const length = prefixLength(suffix, isIPv4(address) ? 32 : 128);
  if (length === null) return null;
  const network = isIPv4(address)
    ? ipaddr.IPv4.networkAddressFromCIDR(`${address}/${length}`).toString()
    : ipaddr.IPv6.networkAddressFromCIDR(`${address}/${length}`).toRFC5952String();
  return `${network}/${length}`;
}

export const cidr: Type<string> = {
  schema: { type: 'string', description: 'An IPv4 or IPv6 network in CIDR notation.' },
  parse: (value) => {
    const network = typeof value === 'string' ? normalizeCidr(value) : null;
    if (network === null) throw new InvalidValue('Value should be IPv4 or IPv6 CIDR format');
    return network;
  },
};

const printable = /^[^\s\p{Cc}]+$/u;

/** A path with an optional query, for a request line (Octavia: types.URLPathType, validate.url_path). */
export const urlPath: Type<string> = {
  schema: { type: 'string', format: 'uri-reference', maxLength: 255 },
  parse: (value) => {
    const path = text({ max: 255 }).parse(value);
    if (!printable.test(path) || !path.startsWith('/') || path.startsWith('//')) {
      throw new InvalidValue('Value must be a valid URL Path string');
    }
    return path;
  },
};
