import { connect } from 'node:net';

/** What `show info` says, key by key, keys as HAProxy writes them. */
export type HaproxyInfo = ReadonlyMap<string, string>;

/**
 * Asks HAProxy something on its stats socket (HAProxy's management guide, 9.3). `timeoutMs` bounds the whole answer.
 * Throws when nobody listens or no answer comes in time.
 */
export async function queryHaproxy(socketPath: string, command: string, timeoutMs = 2000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    const chunks: Buffer[] = [];
    const timer = setTimeout(() => {
      socket.destroy(new Error(`HAProxy did not answer "${command}" within ${timeoutMs} ms`));
    }, timeoutMs);
    socket.on('connect', () => socket.write(`${command}\n`));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks).toString('utf8').trimEnd());
    });
  });
}

export async function showInfo(socketPath: string): Promise<HaproxyInfo> {
  const text = await queryHaproxy(socketPath, 'show info');
  const pairs = text.split('\n').map((line): [string, string] => {
    const colon = line.indexOf(':');
    return colon < 0 ? [line, ''] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  return new Map(pairs);
}

/** As `showInfo`, and null when HAProxy does not answer. */
export async function showInfoIfRunning(socketPath: string): Promise<HaproxyInfo | null> {
  try {
    const info = await showInfo(socketPath);
    return info.has('Pid') ? info : null;
  } catch {
    return null;
  }
}
