/**
 * The heartbeat's envelope: a zlib stream followed by its HMAC-SHA256, 64 bytes of lower-case hex, or 32 raw bytes from old
 * agents (Octavia: amphorae/backends/health_daemon/status_message.py).
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { inflateSync } from 'node:zlib';

/** Thrown for a datagram that is not a heartbeat of ours. The message says why and holds nothing of the key. */
export class RejectedHeartbeat extends Error {}

const hexLength = 64;
const rawLength = 32;
/** Bytes of JSON at most. A datagram holds some 4,000 ids (16 bytes each that cannot be compressed); this is ten times what they unfold to. */
const maxInflated = 4 * 1024 * 1024;

function digestMatches(datagram: Buffer, key: string, encoding: 'hex' | 'raw'): Buffer | null {
  const length = encoding === 'hex' ? hexLength : rawLength;
  if (datagram.length <= length) return null;
  const body = datagram.subarray(0, -length);
  const digest = createHmac('sha256', key).update(body).digest();
  const expected = encoding === 'hex' ? Buffer.from(digest.toString('hex')) : digest;
  return timingSafeEqual(expected, datagram.subarray(-length)) ? body : null;
}

function inflate(body: Buffer): string {
  try {
    return inflateSync(body, { maxOutputLength: maxInflated }).toString('utf8');
  } catch (error) {
    throw new RejectedHeartbeat('its content does not inflate', { cause: error });
  }
}

/** The JSON text inside a datagram. Throws RejectedHeartbeat. Nothing is inflated before the digest has been checked, in constant time. */
export function openEnvelope(datagram: Buffer, key: string): string {
  const body = digestMatches(datagram, key, 'hex') ?? digestMatches(datagram, key, 'raw');
  if (body === null) throw new RejectedHeartbeat('its digest does not match the heartbeat key');
  return inflate(body);
}
