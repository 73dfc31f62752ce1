/** Where our answer is not the recorded one, and why. docs/differences.md tells it to people. */

export interface Difference {
  readonly reason: string;
  /** What is sent instead, where the recorded request needs what does not exist yet. */
  readonly request?: (body: object) => object;
  /** What is expected instead, made from the recorded body. */
  readonly response?: (body: unknown) => unknown;
  /** What is answered instead; the test fails when it is the recorded answer after all. */
  readonly expected?: { readonly status: number; readonly body?: unknown };
  /** Takes out again what Octavia refused to make, so that the story goes on as recorded. */
  readonly erase?: true;
}

type Body = { loadbalancer: Record<string, unknown> };

const badBody = (faultstring: unknown) => ({
  reason: 'Octavia answers its own fault (500) to this body; a 400 names what is wrong.',
  expected: { status: 400, body: { faultcode: 'Client', faultstring, debuginfo: null } },
});

const noauth = (status: number, erase?: true): Difference => ({
  reason: 'Under noauth everyone is an admin of every project, as in an Octavia that runs with noauth.',
  expected: { status },
  ...(erase === undefined ? {} : { erase }),
});

function withoutFlavor(body: object): object {
  const { flavor_id: _flavor, availability_zone: _zone, ...loadbalancer } = (body as Body).loadbalancer;
  return { loadbalancer };
}

function listWithoutFlavor(body: unknown): unknown {
  const { loadbalancers, ...links } = body as { loadbalancers: Record<string, unknown>[] };
  const bare = { flavor_id: null, availability_zone: null };
  return { loadbalancers: loadbalancers.map((one) => Object.assign(structuredClone(one), bare)), ...links };
}

interface Tree {
  readonly statuses: { readonly loadbalancer: { readonly listeners: { pools: { name: string }[] }[] } };
}

function treeWithoutPolicies(body: unknown): unknown {
  const tree = structuredClone(body as Tree);
  for (const listener of tree.statuses.loadbalancer.listeners) {
    listener.pools = listener.pools.filter((pool) => pool.name !== 'g-po2');
  }
  return tree;
}

interface Graph {
  readonly pools: { name: string; listeners?: unknown[] }[];
  readonly listeners: { l7policies?: { redirect_pool: { name: string } }[] }[];
}

/** Pools that only policies redirect to become pools of the load balancer. */
function graphWithoutPolicies(body: object): object {
  const { loadbalancer } = structuredClone(body as { loadbalancer: Graph });
  for (const listener of loadbalancer.listeners) {
    loadbalancer.pools.push(...(listener.l7policies ?? []).map((policy) => policy.redirect_pool));
    delete listener.l7policies;
  }
  return { loadbalancer };
}

function answerWithoutPolicies(body: unknown): unknown {
  const { loadbalancer } = structuredClone(body as { loadbalancer: Graph });
  for (const listener of loadbalancer.listeners) listener.l7policies = [];
  for (const pool of loadbalancer.pools) if (pool.name === 'static') pool.listeners = [];
  return { loadbalancer };
}

export const differences: Readonly<Record<string, Difference>> = {
  '003-versions-prefix': {
    reason: 'The whole API also answers below /load-balancer, where deployments of Octavia mount it.',
    expected: { status: 200 },
  },
  '008-unauthenticated-401': noauth(200),
  '009-bad-token-401': noauth(200),
  '019-body-empty-object-500': badBody('Missing argument: "load_balancer.loadbalancer"'),
  '022-body-root-list-500': badBody(
    "Invalid input for field/attribute load_balancer. Value: '{'loadbalancer': []}'. Value not a valid object: []",
  ),
  '023-providers-list': {
    reason: 'There is no noop_driver provider: the no-op drivers are a setting of a deployment.',
    expected: { status: 200, body: { providers: [{ name: 'amphora' }, { name: 'octavia' }] } },
  },
  '060-lb-show-other-project-403': noauth(200),
  '066-lb-create-full-options': {
    reason: 'There are no flavors and availability zones yet; the rest of the request is replayed without them.',
    request: withoutFlavor,
    response: (body) => ({
      loadbalancer: { ...(body as Body).loadbalancer, flavor_id: null, availability_zone: null },
    }),
  },
  '086-lb-create-other-project-403': noauth(201, true),
  '099-list-all': {
    reason: 'The load balancer of 066 has no flavor and no availability zone here.',
    response: listWithoutFlavor,
  },
  '100-list-filter-name': {
    reason: 'The load balancer of 066 has no flavor and no availability zone here.',
    response: listWithoutFlavor,
  },
  '128-list-other-project-empty': noauth(200),
  '287-lb-status-tree-full': {
    reason: 'There are no L7 policies yet, so their pools are not in the tree.',
    response: treeWithoutPolicies,
  },
  '297-lb-failover-member-403': noauth(202),
  '301-lb-create-fully-populated': {
    reason:
      'There are no L7 policies yet; the request is replayed without its policy, whose pool stands among the pools.',
    request: graphWithoutPolicies,
    response: answerWithoutPolicies,
  },
};
