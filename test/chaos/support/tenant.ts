import { setTimeout as delay } from 'node:timers/promises';

/** `none`: the connection broke before an answer, so that nobody can know. */
export interface Answer {
  readonly status: number | 'none';
  readonly body: Record<string, unknown>;
}

const subnetId = '5e0c2a4e-2f9b-4f8e-9d5b-0f3a2a5d7a09';
const answerLimitMs = 40_000;

/** One tenant on one connection: creates load balancers, changes their members, deletes some, and notes what it was told. */
export class Tenant {
  readonly created = new Map<string, string>();
  /** Names that the API refused to make. */
  readonly refused: string[] = [];
  readonly deleted = new Set<string>();
  /** Deletions that broke off: either way is right. */
  readonly perhapsDeleted = new Set<string>();
  readonly wrong: string[] = [];
  readonly answers = new Map<string, number>();
  readonly #baseUrl: string;
  readonly #name: string;

  constructor(baseUrl: string, name: string) {
    this.#baseUrl = baseUrl;
    this.#name = name;
  }

  async request(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await this.#ask(method, path, body);
    const kind = `${method} ${answer.status}`;
    this.answers.set(kind, (this.answers.get(kind) ?? 0) + 1);
    return answer;
  }

  async #ask(method: string, path: string, body: unknown): Promise<Answer> {
    try {
      const response = await fetch(`${this.#baseUrl}/v2/lbaas/${path}`, {
        method,
        headers: { 'x-project-id': this.#name, 'content-type': 'application/json' },
        signal: AbortSignal.timeout(answerLimitMs),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const { status } = response;
      if (status === 500 || /\bat .+:\d+:\d+/.test(text)) this.wrong.push(`${method} ${path}: ${status} ${text}`);
      return { status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
    } catch (error) {
      if (error instanceof DOMException) this.wrong.push(`${method} ${path}: no answer in ${answerLimitMs} ms`);
      return { status: 'none', body: {} };
    }
  }

  /** Works until the signal aborts. */
  async work(signal: AbortSignal): Promise<void> {
    for (let turn = 0; !signal.aborted; turn += 1) {
      const name = `${this.#name}-${turn}`;
      const id = await this.#create(name);
      if (id === undefined) await delay(50);
      else if (await this.#settled(id, signal)) await this.#use(id, turn, signal);
    }
  }

  async #create(name: string): Promise<string | undefined> {
    const pools = [{ name: 'pool', protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN' }];
    const loadbalancer = { name, vip_subnet_id: subnetId, pools };
    const { status, body } = await this.request('POST', 'loadbalancers', { loadbalancer });
    if (status === 201) {
      const { id } = body['loadbalancer'] as { id: string };
      this.created.set(name, id);
      return id;
    }
    if (status === 503) this.refused.push(name);
    else if (status !== 'none') this.wrong.push(`create ${name}: ${status} ${JSON.stringify(body)}`);
    return undefined;
  }

  async #settled(id: string, signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      const { status, body } = await this.request('GET', `loadbalancers/${id}`);
      const row = body['loadbalancer'] as { provisioning_status: string } | undefined;
      if (status === 404) this.wrong.push(`load balancer ${id} was created and is not there`);
      if (status === 404 || row?.provisioning_status === 'ERROR') return false;
      if (row?.provisioning_status === 'ACTIVE') return true;
      await delay(20);
    }
    return false;
  }

  async #use(id: string, turn: number, signal: AbortSignal): Promise<void> {
    const { body } = await this.request('GET', `loadbalancers/${id}`);
    const pool = (body['loadbalancer'] as { pools: { id: string }[] } | undefined)?.pools[0]?.id;
    if (pool === undefined) return;
    const member = { address: '192.0.2.10', protocol_port: 80 };
    const added = await this.request('POST', `pools/${pool}/members`, { member });
    if (!(await this.#settled(id, signal))) return;
    const memberId = (added.body['member'] as { id: string } | undefined)?.id;
    if (memberId !== undefined) {
      await this.request('PUT', `pools/${pool}/members/${memberId}`, { member: { weight: turn % 100 } });
      if (!(await this.#settled(id, signal))) return;
    }
    if (turn % 2 === 0) await this.#remove(id);
  }

  async #remove(id: string): Promise<void> {
    const { status } = await this.request('DELETE', `loadbalancers/${id}?cascade=true`);
    if (status === 204) this.deleted.add(id);
    else this.perhapsDeleted.add(id);
  }
}
