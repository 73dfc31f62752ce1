import { createHash } from 'node:crypto';

/** The uuid that belongs to a name: the same name gives the same uuid in every process (RFC 9562, version 8, from SHA-256). */
export function nameUuid(name: string): string {
  const hash = createHash('sha256').update(name).digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x80, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
