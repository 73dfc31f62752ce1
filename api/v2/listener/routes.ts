/** Listeners (Octavia: api/v2/controllers/listener.py). */
import type { Tx } from '../../../db/database.ts';
import {
  findListener,
  insertListener,
  listenerList,
  listenersOnPort,
  listListeners,
  updateListener,
} from '../../../db/listener.ts';
import { findLoadBalancer, vipAddresses } from '../../../db/load-balancer.ts';
import { findPool } from '../../../db/pool.ts';
import type { ListenerRow, LoadBalancerRow } from '../../../db/schema.ts';
import { listenerStatistics } from '../../../db/statistics.ts';
import { duplicateListener, noChildren, notFound } from '../../../model/errors.ts';
import type { ListenerProtocol } from '../../../model/graph.ts';
import { checkAllowedCidrs, checkListener, checkServed } from '../../../model/listener-rules.ts';
import { checkPoolBehind, transportOf } from '../../../model/protocols.ts';
import { lockForChild } from '../../http/change.ts';
import { childRoutes, type Work } from '../../http/child-routes.ts';
import { route, type Call } from '../../http/route.ts';
import { found, subjectOf } from '../../http/subject.ts';
import { authorize } from '../../policy.ts';
import { servedProtocols } from '../provider.ts';
import { listenerCreation, listenerUpdate, type ListenerPost, type ListenerPut } from './schema.ts';
import { afterUpdate, listenerChanges, newListener } from './values.ts';
import { listenerView } from './view.ts';

const one = '/v2/lbaas/listeners/:id';

const find = (call: Call<typeof one, unknown>): Promise<ListenerRow> =>
  subjectOf(call, 'Listener', call.params.id, findListener);

async function create(call: Call<never, ListenerPost>): Promise<Work<ListenerRow>> {
  const { body, settings } = call;
  const id = body.loadbalancer_id;
  const { project_id } = found(await findLoadBalancer(call.db, id), 'Load Balancer', id);
  authorize(call.identity, call.action, project_id);
  const values = newListener(body, settings);
  return async (tx) => {
    await checkDefaultPool(tx, id, body.protocol, values.default_pool_id);
    const loadBalancer = await lockForChild(tx, id);
    checkListener(values, 'create');
    checkServed(body.protocol, servedProtocols(settings));
    await checkPort(tx, body);
    await checkCidrs(tx, loadBalancer, values.allowed_cidrs);
    const row = await insertListener(tx, {
      ...values,
      insert_headers: JSON.stringify(values.insert_headers),
      project_id,
      load_balancer_id: id,
      provisioning_status: 'PENDING_CREATE',
      operating_status: 'OFFLINE',
    });
    return { row, loadBalancerId: id };
  };
}

/** A default pool is of the same load balancer and fits the protocol; a PROMETHEUS listener has none. */
async function checkDefaultPool(
  tx: Tx,
  loadBalancerId: string,
  protocol: ListenerProtocol,
  poolId: string | null,
): Promise<void> {
  if (poolId === null) return;
  if (protocol === 'PROMETHEUS') throw noChildren(protocol);
  const pool = await findPool(tx, poolId);
  if (pool?.load_balancer_id !== loadBalancerId) throw notFound('Pool', poolId);
  checkPoolBehind(protocol, pool.protocol);
}

async function checkPort(tx: Tx, body: ListenerPost): Promise<void> {
  const { loadbalancer_id, protocol, protocol_port } = body;
  const taken = await listenersOnPort(tx, loadbalancer_id, protocol_port);
  const other = taken.find((existing) => transportOf(existing) === transportOf(protocol));
  if (other !== undefined) throw duplicateListener(other, protocol_port);
}

async function checkCidrs(tx: Tx, loadBalancer: LoadBalancerRow, cidrs: readonly string[] | null): Promise<void> {
  if (cidrs === null) return;
  checkAllowedCidrs(cidrs, await vipAddresses(tx, loadBalancer.id), loadBalancer.vip_sg_ids);
}

function update({ body, settings }: Call<never, ListenerPut>, before: ListenerRow): Work<ListenerRow> {
  const { id, load_balancer_id: loadBalancerId, protocol } = before;
  const changes = listenerChanges(body, settings);
  return async (tx) => {
    await checkDefaultPool(tx, loadBalancerId, protocol, changes.default_pool_id ?? null);
    checkListener(afterUpdate(before, changes), 'update');
    const loadBalancer = await lockForChild(tx, loadBalancerId);
    await checkCidrs(tx, loadBalancer, changes.allowed_cidrs ?? null);
    const { insert_headers, ...rest } = changes;
    const updated = await updateListener(tx, id, {
      ...rest,
      ...(insert_headers === undefined ? {} : { insert_headers: JSON.stringify(insert_headers) }),
      provisioning_status: 'PENDING_UPDATE',
    });
    return { row: found(updated, 'Listener', id), loadBalancerId };
  };
}

function remove({ id, load_balancer_id: loadBalancerId }: ListenerRow): Work<ListenerRow> {
  return async (tx) => {
    await lockForChild(tx, loadBalancerId);
    const marked = await updateListener(tx, id, { provisioning_status: 'PENDING_DELETE' });
    return { row: found(marked, 'Listener', id), loadBalancerId };
  };
}

const stats = route({
  method: 'GET',
  path: '/v2/lbaas/listeners/:id/stats',
  action: 'listener:get_stats',
  summary: 'Show the traffic of a listener',
  success: 200,
  handler: async (call) => {
    const { id } = await find(call);
    return { status: 200, body: { stats: await listenerStatistics(call.db, id) } };
  },
});

const shared = childRoutes({
  all: '/v2/lbaas/listeners',
  one,
  root: 'listener',
  noun: 'Listener',
  type: 'listener',
  summaries: {
    list: 'List listeners',
    create: 'Create a listener',
    show: 'Show a listener',
    update: 'Update a listener',
    remove: 'Delete a listener',
  },
  collection: {
    name: 'listeners',
    links: 'listeners_links',
    list: listenerList,
    fetch: listListeners,
    view: listenerView,
  },
  find,
  creation: listenerCreation,
  create,
  changes: listenerUpdate,
  update,
  remove,
});

export const listenerRoutes = [...shared, stats] as const;
