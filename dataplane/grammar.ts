/**
 * What may stand in a rendered file. The API refuses bad values first; these are the last line of defence, so that nothing
 * that a tenant sends becomes a directive, whatever path it took into the database.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** A value that no configuration may hold. The message names the field, never more of the value than its grammar. */
export class UnrenderableValue extends Error {
  readonly field: string;

  constructor(field: string, rule: string) {
    super(`${field}: ${rule}`);
    this.name = 'UnrenderableValue';
    this.field = field;
  }
}

function matching(pattern: RegExp, rule: string): (field: string, text: string) => string {
  return (field, text) => {
    if (!pattern.test(text)) throw new UnrenderableValue(field, rule);
    return text;
  };
}

/** Ids name sections, servers and files; UUIDs in practice. */
export const identifier = matching(/^[A-Za-z0-9_-]{1,64}$/, 'must be an id of letters, digits, - and _');

/** An RFC 2616 token, which is what Octavia takes as the name of a cookie. */
export const cookieName = matching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,255}$/, 'must be an HTTP token');

export const httpMethod = matching(/^[A-Z]{1,16}$/, 'must be an HTTP method');

/** RFC 1123, and the underscore that people use. */
export const hostName = matching(
  /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})?(?:\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*\.?$/,
  'must be a host name',
);

export const interfaceName = matching(/^[A-Za-z0-9_.-]{1,15}$/, 'must be the name of a network interface');

/** An absolute path in a file system, without blanks. */
export const filePath = matching(/^\/[A-Za-z0-9_./@:+-]*$/, 'must be an absolute path without blanks');

/** VRRP's authentication text: keepalived uses its first eight characters. */
export const vrrpPassword = matching(/^[A-Za-z0-9]{1,8}$/, 'must be one to eight letters or digits');

const urlPathPattern = /^\/[^\s\p{Cc}\p{Cs}]{0,2047}$/u;

/** A path with an optional query; what is not ASCII is percent-encoded, as a browser would (RFC 3987 section 3.1). */
export function urlPath(field: string, text: string): string {
  if (!urlPathPattern.test(text)) throw new UnrenderableValue(field, 'must be a URL path');
  return text.replace(/[^\x21-\x7e]+/gu, encodeURIComponent);
}

/** An IPv4 or IPv6 address without a zone. */
export function address(field: string, text: string): string {
  if (isIP(text) === 0 || text.includes('%')) throw new UnrenderableValue(field, 'must be an IP address');
  return text;
}

export function integer(field: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max)
    throw new UnrenderableValue(field, `must be a whole number from ${min} to ${max}`);
  return value;
}

export function port(field: string, value: number): number {
  return integer(field, value, 1, 65_535);
}

const codeRange = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/;

/** `200`, `200,202` or `200-204` as a sorted list without repeats. */
export function statusCodes(field: string, text: string): readonly number[] {
  const codes = new Set<number>();
  for (const part of text.split(',')) {
    const match = codeRange.exec(part.trim());
    if (match === null) throw new UnrenderableValue(field, 'must be status codes, a list or a range of them');
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last < first) throw new UnrenderableValue(field, 'must be a range that ascends');
    for (let code = first; code <= last; code++) codes.add(code);
  }
  return [...codes].toSorted((a, b) => a - b);
}

/** An address with its port; IPv6 in brackets. */
export function endpoint(host: string, portNumber: number): string {
  return isIP(host) === 6 ? `[${host}]:${portNumber}` : `${host}:${portNumber}`;
}

/** A network in CIDR form with its host bits cleared. */
export function network(field: string, text: string): string {
  const rule = 'must be a network in CIDR form';
  if (!ipaddr.isValidCIDR(text)) throw new UnrenderableValue(field, rule);
  const [base, prefix] = text.split('/');
  address(field, base ?? '');
  const family = isIP(base ?? '') === 6 ? ipaddr.IPv6 : ipaddr.IPv4;
  return `${family.networkAddressFromCIDR(text).toString()}/${prefix}`;
}
