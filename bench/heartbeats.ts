/** Heartbeats that the health process writes without losing one, at rising rates. */
import { createHmac, randomUUID } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { deflateSync } from 'node:zlib';
import { until } from '../cli/process/until.ts';
import type { Db } from '../db/database.ts';
import type { Measurement } from './measurement.ts';
import { startPostgres } from './postgres.ts';
import { startProgram } from './program.ts';
import { octavia, ratio } from './reference.ts';

const rates = [250, 1_000, 2_500, 4_000, 6_000, 8_000];
const secondsEach = 5;
const drainLimitMs = 10_000;
const amphorae = 2_000;
const membersEach = 2;
const key = 'insecure-heartbeat-key';

interface Ids {
  readonly loadBalancer: string;
  readonly amphora: string;
  readonly listener: string;
  readonly pool: string;
  readonly members: readonly string[];
}

function someIds(): Ids {
  const members = Array.from({ length: membersEach }, () => randomUUID());
  return { loadBalancer: randomUUID(), amphora: randomUUID(), listener: randomUUID(), pool: randomUUID(), members };
}

const common = { project_id: 'bench', provisioning_status: 'ACTIVE', operating_status: 'OFFLINE' } as const;
const timeouts = { timeout_client_data: 0, timeout_member_connect: 0, timeout_member_data: 0, timeout_tcp_inspect: 0 };

/** A thousand rows a statement: PostgreSQL takes 65,535 parameters. */
async function inThousands<T>(rows: readonly T[], insert: (rows: readonly T[]) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < rows.length; start += 1_000) await insert(rows.slice(start, start + 1_000));
}

async function fill(db: Db, all: readonly Ids[]): Promise<void> {
  const balancer = { ...common, topology: 'SINGLE', provider: 'amphora', vip_ready: true } as const;
  const listener = {
    ...common,
    ...timeouts,
    protocol: 'HTTP',
    protocol_port: 80,
    insert_headers: '{}',
    peer_port: 1025,
  } as const;
  const pool = { ...common, protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN' } as const;
  await inThousands(all, (some) =>
    db
      .insertInto('load_balancer')
      .values(some.map((ids) => ({ ...balancer, id: ids.loadBalancer })))
      .execute(),
  );
  await inThousands(all, (some) =>
    db
      .insertInto('amphora')
      .values(
        some.map((ids) => ({ id: ids.amphora, load_balancer_id: ids.loadBalancer, status: 'ALLOCATED' as const })),
      )
      .execute(),
  );
  await inThousands(all, (some) =>
    db
      .insertInto('pool')
      .values(some.map((ids) => ({ ...pool, id: ids.pool, load_balancer_id: ids.loadBalancer })))
      .execute(),
  );
  await inThousands(all, (some) =>
    db
      .insertInto('listener')
      .values(
        some.map((ids) => ({
          ...listener,
          id: ids.listener,
          load_balancer_id: ids.loadBalancer,
          default_pool_id: ids.pool,
        })),
      )
      .execute(),
  );
  const members = all.flatMap((ids) =>
    ids.members.map((id, index) => ({
      ...common,
      id,
      pool_id: ids.pool,
      address: `192.0.2.${index}`,
      protocol_port: 80,
    })),
  );
  await inThousands(members, (some) => db.insertInto('member').values(some).execute());
}

/** Sealed once: a heartbeat without news is what a health process gets most. Each counts one connection, so that none is lost unseen. */
function datagramOf(ids: Ids): Buffer {
  const stats = { tx: 0, rx: 0, conns: 0, totconns: 1, ereq: 0 };
  const members = Object.fromEntries(ids.members.map((id) => [id, 'UP']));
  const message = {
    id: ids.amphora,
    seq: 0,
    ver: 3,
    listeners: { [ids.listener]: { status: 'OPEN', stats } },
    pools: { [`${ids.pool}:${ids.listener}`]: { status: 'UP', members } },
  };
  const body = deflateSync(JSON.stringify(message), { level: 9 });
  return Buffer.concat([body, Buffer.from(createHmac('sha256', key).update(body).digest('hex'))]);
}

async function counted(db: Db): Promise<number> {
  const { total } = await db
    .selectFrom('listener_statistics')
    .select((eb) => eb.fn.sum<string | null>('total_connections').as('total'))
    .executeTakeFirstOrThrow();
  return Number(total ?? 0);
}

/** Sends `rate` a second for some seconds, evenly; returns how many. */
async function offer(socket: Socket, port: number, datagrams: readonly Buffer[], rate: number): Promise<number> {
  const start = performance.now();
  const total = rate * secondsEach;
  let sent = 0;
  while (sent < total) {
    const due = Math.min(total, Math.floor(((performance.now() - start) / 1000) * rate));
    for (; sent < due; sent += 1) socket.send(datagrams[sent % datagrams.length] ?? '', port, '127.0.0.1');
    await sleep(2);
  }
  return total;
}

interface Step {
  readonly offeredPerSecond: number;
  readonly lost: number;
  /** Until the last was in PostgreSQL, after the last was sent. */
  readonly drainMs: number;
}

async function climb(db: Db, socket: Socket, port: number, datagrams: readonly Buffer[]): Promise<Step[]> {
  const steps: Step[] = [];
  for (const rate of rates) {
    const before = await counted(db);
    const sent = await offer(socket, port, datagrams, rate);
    const end = performance.now();
    await until(async () => (await counted(db)) - before >= sent, drainLimitMs, 50);
    const lost = sent - ((await counted(db)) - before);
    steps.push({ offeredPerSecond: rate, lost, drainMs: Math.round(performance.now() - end) });
    if (lost > 0) break;
  }
  return steps;
}

async function freeUdpPort(): Promise<number> {
  const probe = createSocket('udp4').bind(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  return port;
}

/** Sends until the first arrives: the process needs a moment to listen. */
async function awaitFirst(db: Db, socket: Socket, port: number, first: Buffer): Promise<boolean> {
  const arrived = await until(
    async () => {
      socket.send(first, port, '127.0.0.1');
      return (await counted(db)) > 0;
    },
    20_000,
    200,
  );
  await sleep(500);
  return arrived === true;
}

export async function measureHeartbeats(): Promise<Measurement[]> {
  const postgres = await startPostgres();
  const port = await freeUdpPort();
  const health = startProgram(['health'], {
    WEIR_DATABASE_URL: postgres.url,
    WEIR_HEARTBEAT_KEY: key,
    WEIR_HEALTH_BIND_HOST: '127.0.0.1',
    WEIR_HEALTH_BIND_PORT: String(port),
    WEIR_LOG_LEVEL: 'warn',
  });
  const socket = createSocket('udp4');
  try {
    const all = Array.from({ length: amphorae }, someIds);
    await fill(postgres.db, all);
    const datagrams = all.map(datagramOf);
    const [first = Buffer.alloc(0)] = datagrams;
    if (!(await awaitFirst(postgres.db, socket, port, first))) throw new Error(`weir health: ${health.output()}`);
    const steps = await climb(postgres.db, socket, port, datagrams);
    const best = Math.max(0, ...steps.filter(({ lost }) => lost === 0).map(({ offeredPerSecond }) => offeredPerSecond));
    const reference = octavia.heartbeatsPerSecond;
    const figures = { withoutLoss: best, amphorae, membersEach, steps, reference, ratio: ratio(best, reference) };
    return [{ name: 'heartbeats', unit: 'heartbeats/s', figures }];
  } finally {
    socket.close();
    await health.stop();
    await postgres.stop();
  }
}
