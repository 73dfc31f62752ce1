import { createHmac } from 'node:crypto';
import { deflateSync } from 'node:zlib';

export const testKey = 'insecure-heartbeat-key';

/** A datagram as the agent sends it: hex digest, or the raw one of old agents. */
export function datagram(message: unknown, key: string = testKey, encoding: 'hex' | 'raw' = 'hex'): Buffer {
  return seal(deflateSync(JSON.stringify(message), { level: 9 }), key, encoding);
}

export function seal(body: Buffer, key: string = testKey, encoding: 'hex' | 'raw' = 'hex'): Buffer {
  const digest = createHmac('sha256', key).update(body).digest();
  return Buffer.concat([body, encoding === 'hex' ? Buffer.from(digest.toString('hex')) : digest]);
}

const noTraffic = { tx: 0, rx: 0, conns: 0, totconns: 0, ereq: 0 };

export interface MessageParts {
  readonly listeners?: Readonly<Record<string, { status?: string; stats?: Partial<typeof noTraffic> }>>;
  readonly pools?: Readonly<Record<string, { status: string; members: Readonly<Record<string, string>> }>>;
  readonly ver?: number;
}

/** A message of version 3 with listeners that are OPEN and without traffic unless said otherwise. */
export function message(id: string, { listeners = {}, pools = {}, ver = 3 }: MessageParts = {}) {
  const reported = Object.entries(listeners).map(([listener, { status = 'OPEN', stats = {} }]) => [
    listener,
    { status, stats: { ...noTraffic, ...stats } },
  ]);
  return { id, seq: 1, ver, listeners: Object.fromEntries(reported), pools };
}
