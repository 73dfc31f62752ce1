/** The few calls of the public HTTP API that the quickstart makes, as any client would make them. */
import { setTimeout as delay } from 'node:timers/promises';

/** What a resource is made with; each has more fields than its name. */
export interface Wanted {
  readonly name: string;
  readonly [field: string]: unknown;
}

export interface Resource {
  readonly id: string;
  readonly name: string;
  readonly provisioning_status: string;
  readonly operating_status: string;
}

export interface LoadBalancer extends Resource {
  readonly vip_address: string;
}

export interface Amphora {
  readonly id: string;
  readonly compute_id: string;
  readonly role: string;
  readonly status: string;
}

const project = 'quickstart';

export class Api {
  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
  }

  /** The answer's body, or undefined for an empty one and for 404. Throws with Octavia's own text for any other refusal. */
  async call<T>(method: string, path: string, body?: unknown): Promise<T | undefined> {
    const response = await fetch(`${this.#base}${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'x-project-id': project, 'x-roles': 'admin' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${faultOf(text)}`);
    return text === '' ? undefined : (JSON.parse(text) as T);
  }

  /** Finds the resource by its name, or makes it. */
  async ensure<T extends Resource>(path: string, key: string, body: Wanted): Promise<T> {
    const listed = await this.call<Record<string, T[]>>('GET', `${path}?name=${encodeURIComponent(body.name)}`);
    const existing = Object.values(listed ?? {})[0]?.[0];
    if (existing !== undefined) return existing;
    const made = await this.call<Record<string, T>>('POST', path, { [key]: body });
    const resource = made?.[key];
    if (resource === undefined) throw new Error(`POST ${path}: the answer has no ${key}`);
    return resource;
  }

  async loadBalancer(id: string): Promise<LoadBalancer | undefined> {
    const answer = await this.call<{ loadbalancer: LoadBalancer }>('GET', `/v2/lbaas/loadbalancers/${id}`);
    return answer?.loadbalancer.provisioning_status === 'DELETED' ? undefined : answer?.loadbalancer;
  }

  /** Amphorae of the load balancer that are in service. */
  async amphorae(loadBalancerId: string): Promise<Amphora[]> {
    const path = `/v2/octavia/amphorae?loadbalancer_id=${loadBalancerId}`;
    const answer = await this.call<{ amphorae: Amphora[] }>('GET', path);
    return (answer?.amphorae ?? []).filter(({ status }) => status === 'ALLOCATED');
  }

  /** Waits until the load balancer is ACTIVE. Throws when it ends in ERROR, or after `limitMs`. */
  async awaitActive(id: string, limitMs: number): Promise<LoadBalancer> {
    const deadline = Date.now() + limitMs;
    for (;;) {
      const loadBalancer = await this.loadBalancer(id);
      const status = loadBalancer?.provisioning_status ?? 'gone';
      if (loadBalancer !== undefined && status === 'ACTIVE') return loadBalancer;
      if (status === 'ERROR' || status === 'gone') throw new Error(`the load balancer is ${status}`);
      if (Date.now() > deadline) throw new Error(`the load balancer is still ${status} after ${limitMs / 1000} s`);
      await delay(50);
    }
  }

  async awaitGone(id: string, limitMs: number): Promise<void> {
    const deadline = Date.now() + limitMs;
    for (;;) {
      const loadBalancer = await this.loadBalancer(id);
      if (loadBalancer === undefined) return;
      if (loadBalancer.provisioning_status === 'ERROR')
        throw new Error('the load balancer could not be deleted: ERROR');
      if (Date.now() > deadline) throw new Error(`the load balancer is still there after ${limitMs / 1000} s`);
      await delay(50);
    }
  }
}

function faultOf(text: string): string {
  try {
    return (JSON.parse(text) as { faultstring?: string }).faultstring ?? text;
  } catch {
    return text;
  }
}
