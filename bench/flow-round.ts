/** Each kind of flow once, as a client of the API asks for it. */
import type { Topology } from '../model/status.ts';
import type { BenchClient } from './client.ts';
import { anySubnet } from './fixture.ts';

/** An operation that was asked for and is over. Times are milliseconds since 1970, by the client's clock. */
export interface Asked {
  /** The name of the workflow, and what sets this one apart. */
  readonly flow: string;
  readonly topology: Topology;
  readonly loadBalancerId: string;
  readonly sequence: number;
  readonly posted: number;
  readonly answered: number;
  /** When the load balancer was seen ACTIVE, or gone. */
  readonly seen: number;
}

const now = (): number => performance.timeOrigin + performance.now();

/** Asks for one operation after another on one load balancer, and waits for each. */
class Asker {
  readonly client: BenchClient;
  readonly asked: Asked[] = [];
  readonly #topology: Topology;
  #loadBalancerId = '';

  constructor(client: BenchClient, topology: Topology) {
    this.client = client;
    this.#topology = topology;
  }

  async createLoadBalancer(): Promise<string> {
    return this.change('createLoadBalancer', async () => {
      this.#loadBalancerId = await this.client.create('loadbalancers', 'loadbalancer', { vip_subnet_id: anySubnet });
      return this.#loadBalancerId;
    });
  }

  change<T>(flow: string, ask: () => Promise<T>): Promise<T> {
    return this.#timed(flow, ask, (id) => this.client.awaitActive(id));
  }

  async failOver(): Promise<void> {
    const ask = () => this.client.request('PUT', `${this.#path}/failover`);
    await this.change('failoverLoadBalancer', ask);
  }

  async failOverAmphora(): Promise<void> {
    const query = `loadbalancer_id=${this.#loadBalancerId}&status=ALLOCATED`;
    const answer = await this.client.request('GET', `/v2/octavia/amphorae?${query}`);
    const [amphora] = (answer as { amphorae: readonly { id: string }[] }).amphorae;
    if (amphora === undefined) throw new Error(`load balancer ${this.#loadBalancerId} has no amphora`);
    await this.change('failoverAmphora', () =>
      this.client.request('PUT', `/v2/octavia/amphorae/${amphora.id}/failover`),
    );
  }

  async updateItself(): Promise<void> {
    const body = { loadbalancer: { description: 'measured' } };
    await this.change('updateLoadBalancer', () => this.client.request('PUT', this.#path, body));
  }

  async remove(): Promise<void> {
    const ask = () => this.client.request('DELETE', `${this.#path}?cascade=true`);
    await this.#timed('deleteLoadBalancer', ask, (id) => this.client.awaitGone(id));
  }

  get #path(): string {
    return `/v2/lbaas/loadbalancers/${this.#loadBalancerId}`;
  }

  async #timed<T>(flow: string, ask: () => Promise<T>, settle: (id: string) => Promise<unknown>): Promise<T> {
    const posted = now();
    const answer = await ask();
    const answered = now();
    const loadBalancerId = this.#loadBalancerId;
    await settle(loadBalancerId);
    const sequence = this.asked.length + 1;
    const topology = this.#topology;
    this.asked.push({ flow, topology, loadBalancerId, sequence, posted, answered, seen: now() });
    return answer;
  }
}

/** Every kind of operation on one load balancer, from its creation to its deletion. `topology` is what the API gives it. */
export async function askRound(client: BenchClient, topology: Topology): Promise<readonly Asked[]> {
  const asker = new Asker(client, topology);
  const children = await createChildren(asker);
  const member = await editMembers(asker, children.pool);
  await asker.updateItself();
  await updateChildren(asker, children);
  await asker.failOver();
  await asker.failOverAmphora();
  await deleteChildren(asker, children, member);
  await asker.remove();
  return asker.asked;
}

interface Children {
  readonly listener: string;
  readonly pool: string;
  readonly monitor: string;
}

async function createChildren(asker: Asker): Promise<Children> {
  const { client } = asker;
  const loadBalancer = await asker.createLoadBalancer();
  const listener = await asker.change('createListener', () =>
    client.create('listeners', 'listener', { loadbalancer_id: loadBalancer, protocol: 'HTTP', protocol_port: 80 }),
  );
  const pool = await asker.change('createPool', () =>
    client.create('pools', 'pool', { listener_id: listener, protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN' }),
  );
  const monitor = await asker.change('createHealthMonitor', () =>
    client.create('healthmonitors', 'healthmonitor', {
      pool_id: pool,
      type: 'HTTP',
      delay: 5,
      timeout: 3,
      max_retries: 3,
    }),
  );
  return { listener, pool, monitor };
}

/** The id of a member that stays. */
async function editMembers(asker: Asker, pool: string): Promise<string> {
  const { client } = asker;
  const members = `pools/${pool}/members`;
  const address = (host: number) => ({ address: `192.0.2.${host}`, protocol_port: 80 });
  const first = await asker.change('createMember', () => client.create(members, 'member', address(1)));
  await asker.change('updateMember', () =>
    client.request('PUT', `/v2/lbaas/${members}/${first}`, { member: { weight: 5 } }),
  );
  await asker.change('batchUpdateMembers', () =>
    client.request('PUT', `/v2/lbaas/${members}`, { members: [address(1), address(2), address(3)] }),
  );
  await asker.change('createMember with a subnet', () =>
    client.create(members, 'member', { ...address(4), subnet_id: anySubnet }),
  );
  return first;
}

async function updateChildren(asker: Asker, { listener, pool, monitor }: Children): Promise<void> {
  const update = (flow: string, path: string, body: Readonly<Record<string, unknown>>) =>
    asker.change(flow, () => asker.client.request('PUT', `/v2/lbaas/${path}`, body));
  await update('updateListener', `listeners/${listener}`, { listener: { connection_limit: 1000 } });
  await update('updatePool', `pools/${pool}`, { pool: { lb_algorithm: 'LEAST_CONNECTIONS' } });
  await update('updateHealthMonitor', `healthmonitors/${monitor}`, { healthmonitor: { delay: 6 } });
}

async function deleteChildren(asker: Asker, { listener, pool, monitor }: Children, member: string): Promise<void> {
  const remove = (flow: string, path: string) =>
    asker.change(flow, () => asker.client.request('DELETE', `/v2/lbaas/${path}`));
  await remove('deleteMember', `pools/${pool}/members/${member}`);
  await remove('deleteHealthMonitor', `healthmonitors/${monitor}`);
  await remove('deletePool', `pools/${pool}`);
  await remove('deleteListener', `listeners/${listener}`);
}
