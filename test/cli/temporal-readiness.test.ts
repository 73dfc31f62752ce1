import { once } from 'node:events';
import { createServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../cli/process/until.ts';
import { serves } from '../../cli/up/temporal.ts';

const emptyMessage = Buffer.alloc(5);
const sessions = new Set<ServerHttp2Session>();
let asked = 0;

/** A server as it is for a moment after a crash: it says who it is, and takes every other call without an answer. */
const starting = createServer();
starting.on('session', (session) => sessions.add(session));
starting.on('stream', (stream, headers) => {
  if (headers[':path']?.endsWith('/GetSystemInfo') !== true) {
    asked += 1;
    return;
  }
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(emptyMessage);
});

beforeAll(async () => {
  starting.listen(0, '127.0.0.1');
  await once(starting, 'listening');
});
afterAll(() => {
  for (const session of sessions) session.destroy();
  starting.close();
});

it('does not wait for ever for a server that takes calls before it answers them', async () => {
  const { port } = starting.address() as AddressInfo;
  // On a machine that stands still, the time for a connection may be over before there is one.
  const wasAsked = await until(async () => {
    expect(await serves(`127.0.0.1:${port}`, 'default')).toBe(false);
    return asked > 0;
  }, 30_000);
  expect(wasAsked).toBe(true);
});

it('ends a wait when it is told to stop', async () => {
  const stopping = new AbortController();
  const waiting = until(() => false, 60_000, 1, stopping.signal);
  stopping.abort(new Error('told to stop'));
  await expect(waiting).rejects.toThrow('told to stop');
});
