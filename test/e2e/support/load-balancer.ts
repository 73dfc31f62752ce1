/** A load balancer with one HTTP listener and one pool, made, edited and deleted through the public API as a client would. */
import type { Api, Resource } from '../../../cli/quickstart/api.ts';
import { ask } from '../../../cli/quickstart/probe.ts';
import type { Topology } from '../../../model/status.ts';
import { eventually } from '../../drivers/support/eventually.ts';
import type { MemberServer } from './members.ts';
import type { Weir } from './weir.ts';

const bootLimitMs = 60_000;
const editLimitMs = 60_000;

export type Body = Readonly<Record<string, unknown>>;

export class TestLoadBalancer {
  readonly api: Api;
  readonly id: string;
  readonly vip: string;
  readonly listenerId: string;
  readonly poolId: string;
  readonly #subnetId: string;

  private constructor(
    api: Api,
    subnetId: string,
    ids: { id: string; vip: string; listenerId: string; poolId: string },
  ) {
    this.api = api;
    this.#subnetId = subnetId;
    this.id = ids.id;
    this.vip = ids.vip;
    this.listenerId = ids.listenerId;
    this.poolId = ids.poolId;
  }

  /** Makes it in one call and waits until it answers. */
  static async make(
    weir: Weir,
    topology: Topology,
    name: string,
    servers: readonly MemberServer[],
    pool: Body = {},
  ): Promise<TestLoadBalancer> {
    const { tenant } = weir;
    const api = weir.api(topology);
    const members = servers.map((server) => memberBody(server, tenant.subnetId));
    const defaultPool = { name, protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN', members, ...pool };
    const listener = { name, protocol: 'HTTP', protocol_port: 80, default_pool: defaultPool };
    const body = { name, vip_subnet_id: tenant.subnetId, listeners: [listener] };
    const made = await api.call<{ loadbalancer: MadeTree }>('POST', '/v2/lbaas/loadbalancers', { loadbalancer: body });
    if (made === undefined) throw new Error('the load balancer was not made');
    const { id, vip_address: vip, listeners, pools } = made.loadbalancer;
    const ids = { id, vip, listenerId: listeners[0]?.id ?? '', poolId: pools[0]?.id ?? '' };
    const loadBalancer = new TestLoadBalancer(api, tenant.subnetId, ids);
    await loadBalancer.settled(bootLimitMs);
    await loadBalancer.answers();
    return loadBalancer;
  }

  async settled(limitMs = editLimitMs): Promise<void> {
    await this.api.awaitActive(this.id, limitMs);
  }

  /** The fields of its view. */
  async show<T>(): Promise<T> {
    const answer = await this.api.call<{ loadbalancer: T }>('GET', `/v2/lbaas/loadbalancers/${this.id}`);
    if (answer === undefined) throw new Error('the load balancer is gone');
    return answer.loadbalancer;
  }

  /** Waits until the VIP answers. */
  async answers(): Promise<void> {
    await eventually('the VIP answers', async () => (await ask(this.vip, 500)) !== undefined);
  }

  /** Asks the VIP one request after another, each over a connection of its own. Throws when one has no answer. */
  async ask(times: number): Promise<readonly string[]> {
    const answers: string[] = [];
    for (let count = 0; count < times; count += 1) {
      const answer = await ask(this.vip, 20_000);
      if (answer === undefined) throw new Error(`request ${count + 1} of ${times} was not answered`);
      answers.push(answer);
    }
    return answers;
  }

  /** Changes a resource and waits until the change is in force. */
  async edit(path: string, key: string, body: Body): Promise<void> {
    await this.api.call('PUT', path, { [key]: body });
    await this.settled();
  }

  editPool(body: Body): Promise<void> {
    return this.edit(`/v2/lbaas/pools/${this.poolId}`, 'pool', body);
  }

  editListener(body: Body): Promise<void> {
    return this.edit(`/v2/lbaas/listeners/${this.listenerId}`, 'listener', body);
  }

  get #membersPath(): string {
    return `/v2/lbaas/pools/${this.poolId}/members`;
  }

  async member(name: string): Promise<Resource> {
    const listed = await this.api.call<{ members: Resource[] }>('GET', `${this.#membersPath}?name=${name}`);
    const found = listed?.members[0];
    if (found === undefined) throw new Error(`there is no member ${name}`);
    return found;
  }

  async addMember(server: MemberServer): Promise<void> {
    await this.api.call('POST', this.#membersPath, { member: memberBody(server, this.#subnetId) });
    await this.settled();
  }

  async editMember(name: string, body: Body): Promise<void> {
    await this.edit(`${this.#membersPath}/${(await this.member(name)).id}`, 'member', body);
  }

  async removeMember(name: string): Promise<void> {
    await this.api.call('DELETE', `${this.#membersPath}/${(await this.member(name)).id}`);
    await this.settled();
  }

  /** Deletes all of it and waits until it is gone. Twice has one effect. */
  async remove(): Promise<void> {
    await this.api.call('DELETE', `/v2/lbaas/loadbalancers/${this.id}?cascade=true`);
    await this.api.awaitGone(this.id, editLimitMs);
  }
}

interface MadeTree {
  readonly id: string;
  readonly vip_address: string;
  readonly listeners: readonly { readonly id: string }[];
  readonly pools: readonly { readonly id: string }[];
}

function memberBody({ name, address, port }: MemberServer, subnetId: string): Body {
  return { name, address, protocol_port: port, subnet_id: subnetId };
}

/** How often each answer came. */
export function tally(answers: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1;
  return counts;
}
