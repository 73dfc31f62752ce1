import { createSocket } from 'node:dgram';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort as freeTcpPort } from '../../cli/net/ports.ts';
import { until } from '../../cli/process/until.ts';
import { createLogger } from '../../config/log.ts';
import { loadSettings, type Settings } from '../../config/settings.ts';
import { openDatabase } from '../../db/database.ts';
import type { OperationRow } from '../../db/schema.ts';
import { serveHealth } from '../../health/serve.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { datagram, message, testKey, type MessageParts } from './datagram.ts';
import { openProxy } from './proxy.ts';
import { heardOf, makeLoadBalancer, silenceOf, statusesOf, type MadeLoadBalancer } from './rows.ts';

const limitMs = 30_000;

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

/** A UDP port that is free now. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => void socket.close(resolve));
  return port;
}

/** What a health process says of itself; undefined until it does. */
async function metricsOf(port: number): Promise<string | undefined> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => undefined);
  return answer?.text();
}

interface Running {
  readonly port: number;
  readonly started: OperationRow[];
  stop(): Promise<void>;
}

const running = new Set<Running>();
afterEach(async () => {
  for (const one of running) await one.stop();
  await database.db.deleteFrom('amphora_health').execute();
});

async function run(overrides: Partial<Settings> = {}, url = database.url): Promise<Running> {
  const port = overrides.healthBindPort ?? (await freePort());
  const settings = loadSettings({}, { healthBindHost: '127.0.0.1', ...overrides, healthBindPort: port });
  const db = openDatabase({ url, maxConnections: 4, applicationName: 'weir health', connectionTimeoutMs: 1_000 });
  const started: OperationRow[] = [];
  const starter = { start: (operation: OperationRow) => Promise.resolve(started.push(operation) > 0) };
  const stopping = new AbortController();
  const log = createLogger('health', 'silent');
  const ended = serveHealth({ settings, heartbeatKey: testKey, db, starter, log }, stopping.signal);
  const stop = async (): Promise<void> => {
    running.delete(one);
    stopping.abort();
    await ended;
    await db.destroy();
  };
  const one = { port, started, stop };
  running.add(one);
  return one;
}

function send(port: number, ...datagrams: readonly Buffer[]): Promise<void> {
  const socket = createSocket('udp4');
  const sent = datagrams.map(
    (bytes) => new Promise<void>((resolve) => socket.send(bytes, port, '127.0.0.1', () => resolve())),
  );
  return Promise.all(sent).then(() => void socket.close());
}

const report = (made: MadeLoadBalancer, rx = 0): MessageParts => ({
  listeners: { [made.listener]: { stats: { rx } } },
  pools: {
    [`${made.pool}:${made.listener}`]: {
      status: 'UP',
      members: Object.fromEntries(made.members.map((id) => [id, 'UP'])),
    },
  },
});

const beat = (made: MadeLoadBalancer, rx = 0): Buffer => datagram(message(made.amphorae[0] ?? '', report(made, rx)));

const isOnline = async (made: MadeLoadBalancer): Promise<boolean> =>
  (await statusesOf(database.db, made)).every((status) => status === 'ONLINE');

async function bytesIn(made: MadeLoadBalancer): Promise<number | undefined> {
  const rows = await database.db
    .selectFrom('listener_statistics')
    .select('bytes_in')
    .where('listener_id', '=', made.listener)
    .execute();
  return rows[0]?.bytes_in;
}

describe('the health process', () => {
  it('brings a load balancer online from a datagram, whatever comes before it', async () => {
    const made = await makeLoadBalancer(database.db, { members: 2 });
    const { port } = await run();
    // The socket is bound a moment after `run`, and UDP does not wait for it.
    const online = await until(async () => {
      await send(
        port,
        Buffer.from('noise'),
        datagram(message('x')),
        datagram(message(made.id), 'wrong key'),
        beat(made),
      );
      return isOnline(made);
    }, limitMs);
    expect(online).toBe(true);
  });

  it('keeps heartbeats while PostgreSQL is away, and loses none of their counters', async () => {
    const made = await makeLoadBalancer(database.db, { members: 1 });
    const { hostname, port: postgresPort } = new URL(database.url);
    const proxy = await openProxy(hostname, Number(postgresPort));
    const url = new URL(database.url);
    url.hostname = '127.0.0.1';
    url.port = String(proxy.port);
    const metricsPort = await freeTcpPort();
    const health = await run({ metricsPort }, url.href);
    // They are served after the socket is bound: from then on no datagram is lost.
    await until(async () => (await metricsOf(metricsPort)) !== undefined, limitMs);
    const shows = async (...series: readonly RegExp[]): Promise<boolean> => {
      const all = async (): Promise<boolean> => {
        const text = (await metricsOf(metricsPort)) ?? '';
        return series.every((one) => one.test(text));
      };
      return (await until(all, limitMs)) === true;
    };
    await send(health.port, beat(made, 1));
    // What is counted as written has been answered for: nothing is on its way when the connection breaks, to be written twice.
    const written = /^weir_heartbeats_total\{outcome="written"\} 1$/m;
    expect(await shows(written, /^weir_heartbeat_flush_seconds_count 1$/m)).toBe(true);
    expect(await bytesIn(made)).toBe(1);
    proxy.cut();
    for (let count = 0; count < 5; count += 1) await send(health.port, beat(made, 1));
    expect(await shows(/^weir_heartbeat_flush_seconds_count (?!1$)/m)).toBe(true);
    expect(await bytesIn(made)).toBe(1);
    proxy.mend();
    expect(await until(async () => (await bytesIn(made)) === 6, limitMs)).toBe(true);
    await health.stop();
    await proxy.close();
  });

  it('gives amphorae the time to report before it fails any over', async () => {
    const [silent, loud] = [await makeLoadBalancer(database.db), await makeLoadBalancer(database.db)];
    for (const made of [silent, loud]) await heardOf(database.db, made.amphorae[0] ?? '', 3_600);
    // One process sends the heartbeats and waits for them: when it stands still they are late.
    const heartbeatTimeoutSec = 6;
    const { port, started } = await run({ heartbeatTimeoutSec, healthCheckIntervalSec: 1 });
    const begun = await until(async () => {
      await send(port, datagram(message(loud.amphorae[0] ?? '')));
      return started.length > 0;
    }, limitMs);
    expect(begun).toBe(true);
    expect(started.map((operation) => operation.load_balancer_id)).toEqual([silent.id]);
    expect(await silenceOf(database.db, loud.amphorae[0] ?? '')).toBeLessThan(heartbeatTimeoutSec);
  });

  it('says so when its port is taken', async () => {
    const { port } = await run();
    const second = loadSettings({}, { healthBindHost: '127.0.0.1', healthBindPort: port });
    await until(() => new Promise<true>((resolve) => void setImmediate(() => resolve(true))), 1_000);
    const parts = { settings: second, heartbeatKey: testKey, db: database.db, log: createLogger('health', 'silent') };
    const starter = { start: () => Promise.resolve(true) };
    await expect(serveHealth({ ...parts, starter }, AbortSignal.timeout(5_000))).rejects.toThrow('EADDRINUSE');
  });

  it('serves its metrics', async () => {
    const metricsPort = await freeTcpPort();
    const { port } = await run({ metricsPort });
    const text = await until(async () => {
      await send(port, Buffer.from('noise'));
      const metrics = await metricsOf(metricsPort);
      return metrics?.includes('outcome="rejected"') === true && metrics;
    }, limitMs);
    expect(text).toContain('weir_heartbeats_total{outcome="rejected"}');
  });
});
