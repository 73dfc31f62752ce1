/** POST of a load balancer to ACTIVE: one after another, and 200 over 32 connections. */
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchClient, Refused } from './client.ts';
import { rounded, summary, type Measurement } from './measurement.ts';
import { octavia, ratio } from './reference.ts';
import { anySubnet, removeAll } from './fixture.ts';

const warmUp = 5;
const oneAfterAnother = 50;
const burst = 200;
const connections = 32;
const mostRefused = 1_000;
const retryMs = 500;

/** Creates as a patient client does: a 503 is counted, and asked again after a while. */
class Creator {
  readonly #client: BenchClient;
  refused = 0;

  constructor(client: BenchClient) {
    this.#client = client;
  }

  async create(name: string): Promise<string> {
    for (;;) {
      try {
        return await this.#client.create('loadbalancers', 'loadbalancer', { name, vip_subnet_id: anySubnet });
      } catch (error) {
        if (!(error instanceof Refused) || error.status !== 503 || this.refused >= mostRefused) throw error;
        this.refused += 1;
        await sleep(retryMs);
      }
    }
  }
}

async function createOne(
  client: BenchClient,
  creator: Creator,
  name: string,
): Promise<{ posted: number; active: number }> {
  const start = performance.now();
  const id = await creator.create(name);
  const posted = performance.now() - start;
  await client.awaitActive(id);
  return { posted, active: performance.now() - start };
}

interface Sequence {
  readonly posted: readonly number[];
  readonly active: readonly number[];
  readonly refused: number;
}

async function sequence(client: BenchClient, count: number): Promise<Sequence> {
  const creator = new Creator(client);
  const posted: number[] = [];
  const active: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const times = await createOne(client, creator, `bench-${index}`);
    posted.push(times.posted);
    active.push(times.active);
  }
  return { posted, active, refused: creator.refused };
}

/** Seconds until all are ACTIVE, each connection creating the next when its last one is posted. */
async function burstSeconds(client: BenchClient): Promise<{ seconds: number; refused: number }> {
  const creator = new Creator(client);
  const start = performance.now();
  const ids: string[] = [];
  let next = 0;
  const connection = async (): Promise<void> => {
    while (next < burst) {
      next += 1;
      ids.push(await creator.create(`burst-${next}`));
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  for (const id of ids) await client.awaitActive(id);
  return { seconds: rounded((performance.now() - start) / 1000, 2), refused: creator.refused };
}

async function withClient<T>(baseUrl: string, work: (client: BenchClient) => Promise<T>): Promise<T> {
  const client = new BenchClient(baseUrl, 'bench-create', connections);
  try {
    const result = await work(client);
    await removeAll(client);
    return result;
  } finally {
    await client.close();
  }
}

export async function measureCreate(baseUrl: string): Promise<Measurement[]> {
  const { posted, active, refused } = await withClient(baseUrl, async (client) => {
    await sequence(client, warmUp);
    return sequence(client, oneAfterAnother);
  });
  const toActive = summary(active);
  const reference = octavia.create;
  const figures = { ...toActive, post: summary(posted), refused, reference };
  return [{ name: 'create', unit: 'ms', figures: { ...figures, ratio: ratio(toActive.median, reference.median) } }];
}

export async function measureBurst(baseUrl: string): Promise<Measurement[]> {
  const { seconds, refused } = await withClient(baseUrl, burstSeconds);
  const reference = octavia.burstSeconds;
  const figures = { n: burst, connections, allActive: seconds, refused, reference, ratio: ratio(seconds, reference) };
  return [{ name: 'burst', unit: 's', figures }];
}
