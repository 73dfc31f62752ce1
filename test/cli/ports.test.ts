import { createServer } from 'node:net';
import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { freePort, portIsFree } from '../../cli/net/ports.ts';

test('a free port is none that Linux would give to an outgoing connection', async () => {
  const [lowestOutgoing = 0] = (await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'))
    .split('\t')
    .map(Number);
  const ports = await Promise.all(Array.from({ length: 50 }, () => freePort()));
  expect(ports.filter((port) => port >= lowestOutgoing)).toEqual([]);
});

test('a port is free when a server could take it, and no longer when one has', async () => {
  const port = await freePort();
  expect(await portIsFree(port, '127.0.0.1')).toBe(true);
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  expect(await portIsFree(port, '127.0.0.1')).toBe(false);
  server.close();
});
