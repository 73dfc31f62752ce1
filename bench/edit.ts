/** Member create to ACTIVE, on a load balancer that has a listener and a pool. */
import { BenchClient } from './client.ts';
import { anySubnet, removeAll } from './fixture.ts';
import { summary, type Measurement } from './measurement.ts';
import { octavia, ratio } from './reference.ts';

const warmUp = 5;
const edits = 50;

async function prepare(client: BenchClient): Promise<{ loadBalancer: string; pool: string }> {
  const loadBalancer = await client.create('loadbalancers', 'loadbalancer', { vip_subnet_id: anySubnet });
  await client.awaitActive(loadBalancer);
  const listener = await client.create('listeners', 'listener', {
    loadbalancer_id: loadBalancer,
    protocol: 'HTTP',
    protocol_port: 80,
  });
  await client.awaitActive(loadBalancer);
  const pool = await client.create('pools', 'pool', {
    listener_id: listener,
    protocol: 'HTTP',
    lb_algorithm: 'ROUND_ROBIN',
  });
  await client.awaitActive(loadBalancer);
  return { loadBalancer, pool };
}

export async function measureEdit(baseUrl: string): Promise<Measurement[]> {
  const client = new BenchClient(baseUrl, 'bench-edit');
  try {
    const { loadBalancer, pool } = await prepare(client);
    const times: number[] = [];
    for (let index = 0; index < warmUp + edits; index += 1) {
      const start = performance.now();
      await client.create(`pools/${pool}/members`, 'member', { address: `192.0.2.${index + 1}`, protocol_port: 80 });
      await client.awaitActive(loadBalancer);
      times.push(performance.now() - start);
    }
    const toActive = summary(times.slice(warmUp));
    await removeAll(client);
    const figures = { ...toActive, reference: octavia.edit, ratio: ratio(toActive.median, octavia.edit.median) };
    return [{ name: 'edit', unit: 'ms', figures }];
  } finally {
    await client.close();
  }
}
