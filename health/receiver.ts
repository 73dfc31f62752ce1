/** The UDP socket that heartbeats come in on. */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6, type AddressInfo } from 'node:net';
import type { Complaints } from './complaints.ts';
import { openEnvelope, RejectedHeartbeat } from './envelope.ts';
import { parseHeartbeat, type Heartbeat } from './heartbeat.ts';
import type { Inbox } from './inbox.ts';
import type { HealthMetrics } from './metrics.ts';

export interface ReceiverOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Key of the HMAC. Secret. */
  readonly key: string;
}

export interface ReceiverParts {
  readonly inbox: Inbox;
  readonly metrics: Pick<HealthMetrics, 'heartbeats'>;
  readonly complaints: Complaints;
}

/** Bytes that the kernel keeps for us while a batch is computed; it gives less where net.core.rmem_max is lower. */
const receiveBuffer = 8 * 1024 * 1024;

function read(datagram: Buffer, sender: string, options: ReceiverOptions, parts: ReceiverParts): Heartbeat | null {
  try {
    return parseHeartbeat(openEnvelope(datagram, options.key));
  } catch (error) {
    if (!(error instanceof RejectedHeartbeat)) throw error;
    parts.metrics.heartbeats.inc({ outcome: 'rejected' });
    parts.complaints.note('heartbeat dropped', { sender, reason: error.message });
    return null;
  }
}

function receive(datagram: Buffer, sender: string, options: ReceiverOptions, parts: ReceiverParts): void {
  const heartbeat = read(datagram, sender, options, parts);
  if (heartbeat === null) return;
  parts.metrics.heartbeats.inc({ outcome: 'received' });
  if (parts.inbox.put(heartbeat, performance.now())) return;
  parts.metrics.heartbeats.inc({ outcome: 'overflowed' });
  parts.complaints.note('no room for more heartbeats while PostgreSQL is away', { waiting: parts.inbox.size });
}

export interface Receiver {
  readonly address: AddressInfo;
  close(): Promise<void>;
}

function bind(socket: Socket, options: ReceiverOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address: options.host, port: options.port }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}

/** Receives heartbeats into the inbox. Rejects when the port is taken or the address is not ours. */
export async function openReceiver(options: ReceiverOptions, parts: ReceiverParts): Promise<Receiver> {
  const socket = createSocket({ type: isIPv6(options.host) ? 'udp6' : 'udp4', recvBufferSize: receiveBuffer });
  await bind(socket, options);
  socket.on('message', (datagram, { address }) => receive(datagram, address, options, parts));
  socket.on('error', (error) => parts.complaints.note('the heartbeat socket failed', { reason: error.message }));
  return { address: socket.address(), close: () => new Promise((resolve) => void socket.close(resolve)) };
}
