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
import { lockForChild } from '../../http/change.ts';
import { childRoutes, type Work } from '../../http/child-routes.ts';
import type { AnyCall, Call } from '../../http/route.ts';
import { found, subjectOf } from '../../http/subject.ts';
import { authorize } from '../../policy.ts';
import { mustPlug, reachedThroughVip } from '../member/networks.ts';
import { poolCreation, poolUpdate, type PoolPost, type PoolPut } from './schema.ts';
import { changedPersistence, checkAlgorithm, newPersistence, newPool, poolChanges } from './values.ts';
import { poolView } from './view.ts';

type CreateCall = Call<never, PoolPost>;

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

async function create(call: CreateCall): Promise<Work<PoolWithRelations>> {
  const { body } = call;
  const { loadBalancerId, projectId, provider, listener } = await parentOf(call);
  authorize(call.identity, call.action, projectId);
  const persistence = newPersistence(body.protocol, body.session_persistence);
  const values = newPool(body);
  checkAlgorithm(body.lb_algorithm, provider);
  return async (tx) => {
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
    return { row: found(await findPool(tx, id), 'Pool', id), loadBalancerId };
  };
}

async function becomeDefaultPool(tx: Tx, listenerId: string, poolId: string): Promise<void> {
  const listener = found(await findListener(tx, listenerId), 'Listener', listenerId);
  if (listener.default_pool_id !== null) throw duplicatePool();
  await updateListener(tx, listenerId, { default_pool_id: poolId, provisioning_status: 'PENDING_UPDATE' });
}

function update({ body }: Call<never, PoolPut>, before: PoolWithRelations): Work<PoolWithRelations> {
  const persistence = changedPersistence(before.protocol, body.session_persistence, before.session_persistence);
  const changes = poolChanges(body);
  checkRevocationList(before, changes);
  checkAlgorithm(changes.lb_algorithm, 'amphora');
  return async (tx) => {
    await lockWithListeners(tx, before);
    const updated = await updatePool(tx, before.id, {
      ...changes,
      ...(persistence === undefined
        ? {}
        : { session_persistence: persistence === null ? null : JSON.stringify(persistence) }),
      provisioning_status: 'PENDING_UPDATE',
    });
    return { row: found(updated, 'Pool', before.id), loadBalancerId: before.load_balancer_id };
  };
}

async function lockWithListeners(tx: Tx, { id, load_balancer_id: loadBalancerId }: PoolRow): Promise<void> {
  await lockForChild(tx, loadBalancerId);
  await lockListenersOf(tx, id);
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

/** Its members go with it, and may leave a network that nobody needs any more. */
async function remove(before: PoolWithRelations, call: AnyCall): Promise<Work<PoolWithRelations>> {
  const { id, load_balancer_id: loadBalancerId } = before;
  const reached = await reachedThroughVip(call, loadBalancerId);
  return async (tx) => {
    await lockWithListeners(tx, before);
    const marked = await updatePool(tx, id, { provisioning_status: 'PENDING_DELETE' });
    const plug = await mustPlug(tx, loadBalancerId, reached);
    return { row: found(marked, 'Pool', id), loadBalancerId, arguments: { plug } };
  };
}

export const poolRoutes = childRoutes({
  all: '/v2/lbaas/pools',
  one: '/v2/lbaas/pools/:id',
  root: 'pool',
  noun: 'Pool',
  type: 'pool',
  summaries: {
    list: 'List pools',
    create: 'Create a pool, as the default pool of a listener where one is named',
    show: 'Show a pool',
    update: 'Update a pool',
    remove: 'Delete a pool with its members and its health monitor',
  },
  collection: { name: 'pools', links: 'pools_links', list: poolList, fetch: listPools, view: poolView },
  find: (call) => subjectOf(call, 'Pool', call.params.id, findPool),
  creation: poolCreation,
  create,
  changes: poolUpdate,
  update,
  remove,
});
