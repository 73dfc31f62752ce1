/** A client of the load balancer API as users write them: requests, and a poll until the load balancer is ACTIVE. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';

const pollMs = 10;
const activeLimitMs = 120_000;

export interface LoadBalancer {
  readonly id: string;
  readonly provisioning_status: string;
  readonly vip_address: string;
}

/** An answer that is not 2xx. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export class BenchClient {
  readonly projectId: string;
  readonly #pool: Pool;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(baseUrl: string, projectId: string, connections = 32) {
    this.projectId = projectId;
    this.#pool = new Pool(baseUrl, { connections });
    this.#headers = { 'x-project-id': projectId, accept: 'application/json', 'content-type': 'application/json' };
  }

  /** The answer's body. Throws Refused when the status is not 2xx. */
  async request(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<unknown> {
    const answer = await this.#pool.request({
      method,
      path,
      headers: this.#headers,
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300)
      throw new Refused(answer.statusCode, `${method} ${path}: ${answer.statusCode} ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  async create(collection: string, kind: string, body: Readonly<Record<string, unknown>>): Promise<string> {
    const answer = (await this.request('POST', `/v2/lbaas/${collection}`, { [kind]: body })) as Record<
      string,
      { id: string }
    >;
    const made = answer[kind];
    if (made === undefined) throw new Error(`POST ${collection}: the answer holds no ${kind}`);
    return made.id;
  }

  async loadBalancer(id: string): Promise<LoadBalancer> {
    const answer = await this.request('GET', `/v2/lbaas/loadbalancers/${id}`);
    return (answer as { loadbalancer: LoadBalancer }).loadbalancer;
  }

  /** Asks every 10 ms until the load balancer is ACTIVE. Throws when it goes to ERROR or takes two minutes. */
  async awaitActive(id: string): Promise<LoadBalancer> {
    const deadline = performance.now() + activeLimitMs;
    while (performance.now() < deadline) {
      const loadBalancer = await this.loadBalancer(id);
      if (loadBalancer.provisioning_status === 'ACTIVE') return loadBalancer;
      if (loadBalancer.provisioning_status === 'ERROR') throw new Error(`load balancer ${id} went to ERROR`);
      await sleep(pollMs);
    }
    throw new Error(`load balancer ${id} is not ACTIVE after ${activeLimitMs / 1000} s`);
  }

  /** Asks every 10 ms until there is no such load balancer. Throws after two minutes. */
  async awaitGone(id: string): Promise<void> {
    const deadline = performance.now() + activeLimitMs;
    while (performance.now() < deadline) {
      if (await this.#isGone(id)) return;
      await sleep(pollMs);
    }
    throw new Error(`load balancer ${id} is still there after ${activeLimitMs / 1000} s`);
  }

  async #isGone(id: string): Promise<boolean> {
    return this.loadBalancer(id).then(
      () => false,
      (error: unknown) => {
        if (error instanceof Refused && error.status === 404) return true;
        throw error;
      },
    );
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}
