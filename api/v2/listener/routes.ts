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
import { change, lockForChild, open } from '../../http/change.ts';
import { answerList, type Collection } from '../../http/list.ts';
import { route, type Answer, type Call } from '../../http/route.ts';
import { found, onlyArguments, showOne, subjectOf } from '../../http/subject.ts';
import { authorize } from '../../policy.ts';
import { servedProtocols } from '../provider.ts';
import { listenerCreation, listenerUpdate, type ListenerPost, type ListenerPut } from './schema.ts';
import { afterUpdate, listenerChanges, newListener } from './values.ts';
import { listenerView } from './view.ts';

const all = '/v2/lbaas/listeners';
const one = '/v2/lbaas/listeners/:id';
type OneCall<Body = unknown> = Call<typeof one, Body>;

const collection: Collection<ListenerRow> = {
  name: 'listeners',
  links: 'listeners_links',
  list: listenerList,
  fetch: listListeners,
  view: listenerView,
};

const subject = (call: OneCall): Promise<ListenerRow> => subjectOf(call, 'Listener', call.params.id, findListener);

const listAll = route({
  method: 'GET',
  path: all,
  action: 'listener:get_all',
  summary: 'List listeners',
  success: 200,
  handler: (call) => answerList(call, collection),
});

const show = route({
  method: 'GET',
  path: one,
  action: 'listener:get_one',
  summary: 'Show a listener',
  success: 200,
  handler: async (call) => showOne(call, 'listener', listenerView(await subject(call))),
});

const create = route({
  method: 'POST',
  path: all,
  action: 'listener:post',
  summary: 'Create a listener',
  success: 201,
  body: listenerCreation,
  handler: createOne,
});

async function createOne(call: Call<typeof all, ListenerPost>): Promise<Answer> {
  const { body, settings } = call;
  const id = body.loadbalancer_id;
  const { project_id } = found(await findLoadBalancer(call.db, id), 'Load Balancer', id);
  authorize(call.identity, call.action, project_id);
  const values = newListener(body, settings);
  const row = await change(call, async (tx) => {
    await checkDefaultPool(tx, id, body.protocol, values.default_pool_id);
    const loadBalancer = await lockForChild(tx, id);
    checkListener(values, 'create');
    checkServed(body.protocol, servedProtocols(settings));
    await checkPort(tx, body);
    await checkCidrs(tx, loadBalancer, values.allowed_cidrs);
    const result = await insertListener(tx, {
      ...values,
      insert_headers: JSON.stringify(values.insert_headers),
      project_id,
      load_balancer_id: id,
      provisioning_status: 'PENDING_CREATE',
      operating_status: 'OFFLINE',
    });
    return { operation: await openListenerOperation(tx, call, 'createListener', result), result };
  });
  return { status: 201, body: { listener: listenerView(row) } };
}

const openListenerOperation = (
  tx: Tx,
  call: Call<never, unknown>,
  kind: 'createListener' | 'updateListener' | 'deleteListener',
  { id, name, load_balancer_id, project_id }: ListenerRow,
) =>
  open(tx, call, {
    kind,
    loadBalancerId: load_balancer_id,
    resourceType: 'listener',
    resourceId: id,
    resourceName: name,
    projectId: project_id,
  });

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

const update = route({
  method: 'PUT',
  path: one,
  action: 'listener:put',
  summary: 'Update a listener',
  success: 200,
  body: listenerUpdate,
  handler: updateOne,
});

async function updateOne(call: OneCall<ListenerPut>): Promise<Answer> {
  const before = await subject(call);
  onlyArguments(call);
  const changes = listenerChanges(call.body, call.settings);
  const row = await change(call, async (tx) => {
    await checkDefaultPool(tx, before.load_balancer_id, before.protocol, changes.default_pool_id ?? null);
    checkListener(afterUpdate(before, changes), 'update');
    const loadBalancer = await lockForChild(tx, before.load_balancer_id);
    await checkCidrs(tx, loadBalancer, changes.allowed_cidrs ?? null);
    const { insert_headers, ...rest } = changes;
    const updated = await updateListener(tx, before.id, {
      ...rest,
      ...(insert_headers === undefined ? {} : { insert_headers: JSON.stringify(insert_headers) }),
      provisioning_status: 'PENDING_UPDATE',
    });
    const result = found(updated, 'Listener', before.id);
    return { operation: await openListenerOperation(tx, call, 'updateListener', result), result };
  });
  return { status: 200, body: { listener: listenerView(row) } };
}

const remove = route({
  method: 'DELETE',
  path: one,
  action: 'listener:delete',
  summary: 'Delete a listener',
  success: 204,
  handler: async (call) => {
    const before = await subject(call);
    onlyArguments(call);
    await change(call, async (tx) => {
      await lockForChild(tx, before.load_balancer_id);
      const marked = await updateListener(tx, before.id, { provisioning_status: 'PENDING_DELETE' });
      const result = found(marked, 'Listener', before.id);
      return { operation: await openListenerOperation(tx, call, 'deleteListener', result), result };
    });
    return { status: 204 };
  },
});

const stats = route({
  method: 'GET',
  path: '/v2/lbaas/listeners/:id/stats',
  action: 'listener:get_stats',
  summary: 'Show the traffic of a listener',
  success: 200,
  handler: async (call) => {
    const { id } = await subject(call);
    return { status: 200, body: { stats: await listenerStatistics(call.db, id) } };
  },
});

export const listenerRoutes = [listAll, create, show, update, remove, stats] as const;
