import { createHmac } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CounterStore, growth } from '../../agent/heartbeat/counters.ts';
import { wrapEnvelope } from '../../agent/heartbeat/envelope.ts';
import { buildMessage } from '../../agent/heartbeat/message.ts';
import { HeartbeatSender } from '../../agent/heartbeat/sender.ts';
import { parseStats } from '../../agent/haproxy/stats.ts';
import { silentLog } from './support/log.ts';

const header = '# pxname,svname,scur,bin,bout,ereq,status,weight,stot,type,last_chk,';
const csv = (bin: number): string =>
  [
    header,
    `l1,FRONTEND,3,${bin},20,1,OPEN,,7,0,,`,
    'p1:l1,m1,0,0,0,,UP,1,0,2,"a ""quoted"", text",',
    'p1:l1,m2,0,0,0,,UP,0,0,2,,',
    'p1:l1,m3,0,0,0,,UP 1/3,1,0,2,,',
    'p1:l1,BACKEND,0,0,0,,UP,1,0,1,,',
    'prometheus-exporter-internal,BACKEND,0,0,0,,UP,1,0,1,,',
    '',
  ].join('\n');

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-heartbeat-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

test('an envelope is compressed JSON and a hex signature over the compressed bytes', () => {
  const envelope = wrapEnvelope({ id: 'ä' }, 'secret');
  const [payload, signature] = [envelope.subarray(0, -64), envelope.subarray(-64).toString('ascii')];
  expect(inflateSync(payload).toString('utf8')).toBe('{"id":"ä"}');
  expect(signature).toBe(createHmac('sha256', 'secret').update(payload).digest('hex'));
});

test('a message reports listeners, pools and members in the form of version 3', async () => {
  const counters = await CounterStore.open(join(folder, 'stats_counters.json'));
  expect(buildMessage('a1', 4, parseStats(csv(10)), counters)).toEqual({
    id: 'a1',
    seq: 4,
    listeners: { l1: { status: 'OPEN', stats: { tx: 20, rx: 10, conns: 3, totconns: 7, ereq: 1 } } },
    pools: { 'p1:l1': { status: 'UP', members: { m1: 'UP', m2: 'DRAIN', m3: 'UP 1/3' } } },
    ver: 3,
  });
});

test('a second message reports what grew, also by another agent on the same files', async () => {
  const file = join(folder, 'stats_counters.json');
  const first = await CounterStore.open(file);
  buildMessage('a1', 0, parseStats(csv(10)), first);
  await first.save();
  const second = await CounterStore.open(file);
  const { listeners } = buildMessage('a1', 0, parseStats(csv(25)), second);
  expect(listeners['l1']?.stats).toEqual({ tx: 0, rx: 15, conns: 3, totconns: 0, ereq: 0 });
});

test('a counter that went back has begun anew', () => {
  const last = { bin: 100, bout: 5, ereq: 0, stot: 9 };
  expect(growth({ bin: 40, bout: 6, ereq: 0, stot: 9 }, last)).toEqual({ bin: 40, bout: 1, ereq: 0, stot: 0 });
});

test('datagrams go to one controller after the other', async () => {
  const controllers = await Promise.all([openController(), openController()]);
  const sender = new HeartbeatSender(silentLog());
  const received: string[] = [];
  for (const [index, { socket }] of controllers.entries())
    socket.on('message', (message) => received.push(`${index}:${message.toString()}`));
  for (const text of ['a', 'b', 'c']) {
    const arrived = Promise.race(controllers.map(({ socket }) => once(socket, 'message')));
    await sender.send(
      Buffer.from(text),
      controllers.map(({ port }) => ({ host: '127.0.0.1', port })),
    );
    await arrived;
  }
  expect(received).toEqual(['0:a', '1:b', '0:c']);
  sender.close();
  for (const { socket } of controllers) socket.close();
});

async function openController(): Promise<{ socket: Socket; port: number }> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { socket, port: socket.address().port };
}
