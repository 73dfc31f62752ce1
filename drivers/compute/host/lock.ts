/**
 * Locks between all processes of a host. The lock is an abstract socket (unix(7)): it belongs to the network namespace, like the
 * interfaces that it guards, and the kernel frees it when its holder dies, however it dies.
 */
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';

const addressOf = (name: string): string => `\0weir/${name}`;

/** The listening socket, or null when someone else has it. */
async function tryLock(name: string): Promise<Server | null> {
  const server = createServer();
  server.listen(addressOf(name));
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return null;
    throw error;
  }
}

/** Resolves when the holder lets go; a connection to it ends then. */
function awaitRelease(name: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(addressOf(name));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve());
    socket.resume();
  });
}

/** Runs `work` while nobody else on this host runs any under the same name. */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  let server = await tryLock(name);
  while (server === null) {
    await awaitRelease(name);
    server = await tryLock(name);
  }
  const waiting = new Set<{ destroy(): unknown }>();
  server.on('connection', (socket) => {
    socket.on('error', () => socket.destroy());
    waiting.add(socket);
  });
  try {
    return await work();
  } finally {
    const closed = once(server, 'close');
    server.close();
    for (const socket of waiting) socket.destroy();
    await closed;
  }
}
