import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** Below those that Linux gives to outgoing connections (ip(7), ip_local_port_range): one of these could take the port before its server does, and keep it. */
const lowest = 20_000;
const highest = 32_000;
const attempts = 100;

/** A TCP port that nobody listens on now. Throws when a hundred guesses find none. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const port = randomInt(lowest, highest);
    if (await portIsFree(port, host)) return port;
  }
  throw new Error(`no free port on ${host} between ${lowest} and ${highest}`);
}

/** Whether a server could listen on this TCP port now. */
export function portIsFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Whether a server could receive on this UDP port now. */
export function udpPortIsFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ port, address: host, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}
