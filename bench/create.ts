/** POST of a load balancer to ACTIVE: one after another, and 200 over 32 connections. */
import { BenchClient } from './client.ts';
import { rounded, summary, type Measurement } from './measurement.ts';
import { octavia, ratio } from './reference.ts';
import { anySubnet, removeAll } from './fixture.ts';

const warmUp = 5;
const oneAfterAnother = 50;
const burst = 200;
const connections = 32;

async function createOne(client: BenchClient, name: string): Promise<{ posted: number; active: number }> {
  const start = performance.now();
  const id = await client.create('loadbalancers', 'loadbalancer', { name, vip_subnet_id: anySubnet });
  const posted = performance.now() - start;
  await client.awaitActive(id);
  return { posted, active: performance.now() - start };
}

async function sequence(client: BenchClient, count: number): Promise<{ posted: number[]; active: number[] }> {
  const posted: number[] = [];
  const active: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const times = await createOne(client, `bench-${index}`);
    posted.push(times.posted);
    active.push(times.active);
  }
  return { posted, active };
}

/** Seconds until all are ACTIVE, each connection creating the next when its last one is posted. */
async function burstSeconds(client: BenchClient): Promise<number> {
  const start = performance.now();
  const ids: string[] = [];
  let next = 0;
  const connection = async (): Promise<void> => {
    while (next < burst) {
      next += 1;
      ids.push(
        await client.create('loadbalancers', 'loadbalancer', { name: `burst-${next}`, vip_subnet_id: anySubnet }),
      );
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  for (const id of ids) await client.awaitActive(id);
  return rounded((performance.now() - start) / 1000, 2);
}

export async function measureCreate(baseUrl: string): Promise<Measurement[]> {
  const client = new BenchClient(baseUrl, 'bench-create', connections);
  try {
    await sequence(client, warmUp);
    const { posted, active } = await sequence(client, oneAfterAnother);
    const toActive = summary(active);
    const seconds = await burstSeconds(client);
    await removeAll(client);
    return [
      {
        name: 'create',
        unit: 'ms',
        figures: {
          ...toActive,
          post: summary(posted),
          reference: octavia.create,
          ratio: ratio(toActive.median, octavia.create.median),
        },
      },
      {
        name: 'create burst',
        unit: 's',
        figures: {
          n: burst,
          connections,
          allActive: seconds,
          reference: octavia.burstSeconds,
          ratio: ratio(seconds, octavia.burstSeconds),
        },
      },
    ];
  } finally {
    await client.close();
  }
}
