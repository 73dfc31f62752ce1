import { createHmac } from 'node:crypto';
import { deflateSync } from 'node:zlib';

/**
 * Packs a message for the wire: zlib-compressed JSON, then 64 characters of HMAC-SHA256 over the compressed bytes in
 * lower-case hex (Octavia: health_daemon/status_message.py).
 */
export function wrapEnvelope(message: unknown, key: string): Buffer {
  const payload = deflateSync(JSON.stringify(message), { level: 9 });
  const signature = createHmac('sha256', key).update(payload).digest('hex');
  return Buffer.concat([payload, Buffer.from(signature, 'ascii')]);
}
