/** Pools (Octavia: api/v2/controllers/pool.py). */
import type { Tx } from '../../../db/database.ts';
import { findListener, updateListener } from '../../../db/listener.ts';
import { findLoadBalancer } from '../../../db/load-balancer.ts';
import {
  findPool,
  insertPool,
  listPools,
  lockListenersOf,
  poolList,
  updatePool,
  type PoolWithRelations,
} from '../../../db/pool.ts';
import type { ListenerRow, PoolRow } from '../../../db/schema.ts';
import { duplicatePool, noChildren, notFound, validationFailure } from '../../../model/errors.ts';
import { checkPoolBehind } from '../../../model/protocols.ts';
import { change, lockForChild, open } from '../../http/change.ts';
import { answerList, type Collection } from '../../http/list.ts';
import { route, type Answer, type AnyCall, type Call } from '../../http/route.ts';
import { found, onlyArguments, showOne, subjectOf } from '../../http/subject.ts';
import { authorize } from '../../policy.ts';
import { poolCreation, poolUpdate, type PoolPost, type PoolPut } from './schema.ts';
import { changedPersistence, checkAlgorithm, newPersistence, newPool, poolChanges } from './values.ts';
import { poolView } from './view.ts';

const all = '/v2/lbaas/pools';
const one = '/v2/lbaas/pools/:id';
type OneCall<Body = unknown> = Call<typeof one, Body>;
type CreateCall = Call<typeof all, PoolPost>;

const collection: Collection<PoolWithRelations> = {
  name: 'pools',
  links: 'pools_links',
  list: poolList,
  fetch: listPools,
  view: poolView,
};

const subject = (call: OneCall): Promise<PoolWithRelations> => subjectOf(call, 'Pool', call.params.id, findPool);

const listAll = route({
  method: 'GET',
  path: all,
  action: 'pool:get_all',
  summary: 'List pools',
  success: 200,
  handler: (call) => answerList(call, collection),
});

const show = route({
  method: 'GET',
  path: one,
  action: 'pool:get_one',
  summary: 'Show a pool',
  success: 200,
  handler: async (call) => showOne(call, 'pool', poolView(await subject(call))),
});

const create = route({
  method: 'POST',
  path: all,
  action: 'pool:post',
  summary: 'Create a pool, as the default pool of a listener where one is named',
  success: 201,
  body: poolCreation,
  handler: createOne,
});

interface Parent {
  readonly loadBalancerId: string;
  readonly projectId: string;
  readonly provider: string;
  readonly listener: ListenerRow | null;
}

/** Where the pool belongs. A listener's protocol is looked at only when it alone is named, as upstream. */
async function parentOf({ body, db }: CreateCall): Promise<Parent> {
  const listener = body.listener_id
    ? found(await findListener(db, body.listener_id), 'Listener', body.listener_id)
    : null;
  const id = body.loadbalancer_id ?? listener?.load_balancer_id;
  if (!id) throw validationFailure('Must provide at least one of: loadbalancer_id, listener_id');
  const { project_id, provider } = found(await findLoadBalancer(db, id), 'Load Balancer', id);
  if (listener !== null && listener.load_balancer_id !== id) throw notFound('Listener', listener.id);
  if (listener?.protocol === 'PROMETHEUS') throw noChildren(listener.protocol);
  if (listener !== null && !body.loadbalancer_id) checkPoolBehind(listener.protocol, body.protocol);
  return { loadBalancerId: id, projectId: project_id, provider, listener };
}

async function createOne(call: CreateCall): Promise<Answer> {
  const { body } = call;
  const { loadBalancerId, projectId, provider, listener } = await parentOf(call);
  authorize(call.identity, call.action, projectId);
  const persistence = newPersistence(body.protocol, body.session_persistence);
  const values = newPool(body);
  checkAlgorithm(body.lb_algorithm, provider);
  const row = await change(call, async (tx) => {
    await lockForChild(tx, loadBalancerId);
    const id = await insertPool(tx, {
      ...values,
      session_persistence: persistence === null ? null : JSON.stringify(persistence),
      project_id: projectId,
      load_balancer_id: loadBalancerId,
      provisioning_status: 'PENDING_CREATE',
      operating_status: 'OFFLINE',
    });
    if (listener !== null) await becomeDefaultPool(tx, listener.id, id);
    const result = found(await findPool(tx, id), 'Pool', id);
    return { operation: await openPoolOperation(tx, call, 'createPool', result), result };
  });
  return { status: 201, body: { pool: poolView(row) } };
}

async function becomeDefaultPool(tx: Tx, listenerId: string, poolId: string): Promise<void> {
  const listener = found(await findListener(tx, listenerId), 'Listener', listenerId);
  if (listener.default_pool_id !== null) throw duplicatePool();
  await updateListener(tx, listenerId, { default_pool_id: poolId, provisioning_status: 'PENDING_UPDATE' });
}

const openPoolOperation = (
  tx: Tx,
  call: AnyCall,
  kind: 'createPool' | 'updatePool' | 'deletePool',
  { id, name, load_balancer_id, project_id }: PoolRow,
) =>
  open(tx, call, {
    kind,
    loadBalancerId: load_balancer_id,
    resourceType: 'pool',
    resourceId: id,
    resourceName: name,
    projectId: project_id,
  });

const update = route({
  method: 'PUT',
  path: one,
  action: 'pool:put',
  summary: 'Update a pool',
  success: 200,
  body: poolUpdate,
  handler: updateOne,
});

async function updateOne(call: OneCall<PoolPut>): Promise<Answer> {
  const before = await subject(call);
  onlyArguments(call);
  const persistence = changedPersistence(before.protocol, call.body.session_persistence, before.session_persistence);
  const changes = poolChanges(call.body);
  checkRevocationList(before, changes);
  checkAlgorithm(changes.lb_algorithm, 'amphora');
  const row = await change(call, async (tx) => {
    await lockForChild(tx, before.load_balancer_id);
    await lockListenersOf(tx, before.id);
    const updated = await updatePool(tx, before.id, {
      ...changes,
      ...(persistence === undefined
        ? {}
        : { session_persistence: persistence === null ? null : JSON.stringify(persistence) }),
      provisioning_status: 'PENDING_UPDATE',
    });
    const result = found(updated, 'Pool', before.id);
    return { operation: await openPoolOperation(tx, call, 'updatePool', result), result };
  });
  return { status: 200, body: { pool: poolView(row) } };
}

function checkRevocationList(before: PoolRow, changes: Partial<PoolRow>): void {
  const { ca_tls_container_ref, crl_container_ref } = { ...before, ...changes };
  if (crl_container_ref === null || ca_tls_container_ref !== null) return;
  throw validationFailure(
    changes.ca_tls_container_ref === null
      ? 'A CA reference cannot be removed when a certificate revocation list is present.'
      : 'A CA reference is required to specify a certificate revocation list.',
  );
}

const remove = route({
  method: 'DELETE',
  path: one,
  action: 'pool:delete',
  summary: 'Delete a pool with its members and its health monitor',
  success: 204,
  handler: async (call) => {
    const before = await subject(call);
    onlyArguments(call);
    await change(call, async (tx) => {
      await lockForChild(tx, before.load_balancer_id);
      await lockListenersOf(tx, before.id);
      const marked = await updatePool(tx, before.id, { provisioning_status: 'PENDING_DELETE' });
      const result = found(marked, 'Pool', before.id);
      return { operation: await openPoolOperation(tx, call, 'deletePool', result), result };
    });
    return { status: 204 };
  },
});

export const poolRoutes = [listAll, create, show, update, remove] as const;
