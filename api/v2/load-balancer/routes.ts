/** Load balancers (Octavia: api/v2/controllers/load_balancer.py). */
import {
  findLoadBalancer,
  hasChildren,
  listLoadBalancers,
  loadBalancerList,
  updateLoadBalancer,
  type LoadBalancerWithChildren,
} from '../../../db/load-balancer.ts';
import { utcNow } from '../../../db/operation.ts';
import { loadBalancerStatistics } from '../../../db/statistics.ts';
import { statusTree } from '../../../db/status-tree.ts';
import { subresourceNotFound, validationFailure } from '../../../model/errors.ts';
import { deletable, failoverable, mutable } from '../../../model/status.ts';
import { change, lockItself } from '../../http/change.ts';
import { values } from '../../http/list-query.ts';
import { readRoutes } from '../../http/resource-routes.ts';
import { route, type Answer, type Call } from '../../http/route.ts';
import { found, onlyArguments, subjectOf } from '../../http/subject.ts';
import { isTrue } from '../../wire/scalars.ts';
import { given, resetTo, tagsOf } from '../common.ts';
import { checkSecurityGroups, createLoadBalancer } from './create.ts';
import { openOnItself } from './operation.ts';
import { loadBalancerCreation, loadBalancerUpdate, type LoadBalancerPut } from './schema.ts';
import { loadBalancerView } from './view.ts';

const one = '/v2/lbaas/loadbalancers/:id';
type OneCall<Body = unknown> = Call<typeof one, Body>;

const find = (call: OneCall): Promise<LoadBalancerWithChildren> =>
  subjectOf(call, 'Load Balancer', call.params.id, findLoadBalancer);

const reads = readRoutes({
  all: '/v2/lbaas/loadbalancers',
  one,
  root: 'loadbalancer',
  summaries: { list: 'List load balancers', show: 'Show a load balancer' },
  collection: {
    name: 'loadbalancers',
    links: 'loadbalancers_links',
    list: loadBalancerList,
    fetch: listLoadBalancers,
    view: loadBalancerView,
  },
  find,
});

const create = route({
  method: 'POST',
  path: '/v2/lbaas/loadbalancers',
  action: 'loadbalancer:post',
  summary: 'Create a load balancer',
  success: 201,
  body: loadBalancerCreation,
  handler: (call) => createLoadBalancer(call),
});

const update = route({
  method: 'PUT',
  path: one,
  action: 'loadbalancer:put',
  summary: 'Update a load balancer',
  success: 200,
  body: loadBalancerUpdate,
  handler: updateOne,
});

async function updateOne(call: OneCall<LoadBalancerPut>): Promise<Answer> {
  const { id } = await find(call);
  const { body } = call;
  onlyArguments(call);
  await checkChanges(call);
  const row = await change(call, async (tx) => {
    await lockItself(tx, id, mutable, 'PENDING_UPDATE');
    await updateLoadBalancer(tx, id, {
      ...given({
        name: resetTo(body.name, ''),
        description: resetTo(body.description, ''),
        admin_state_up: resetTo(body.admin_state_up, false),
        vip_qos_policy_id: body.vip_qos_policy_id,
        vip_sg_ids: resetTo(body.vip_sg_ids, []),
        tags: body.tags === undefined ? undefined : tagsOf(body.tags),
      }),
      updated_at: utcNow,
    });
    const result = found(await findLoadBalancer(tx, id), 'Load Balancer', id);
    const operation = await openOnItself(tx, call, 'updateLoadBalancer', result);
    return { operation, result };
  });
  return { status: 200, body: { loadbalancer: loadBalancerView(row) } };
}

async function checkChanges({ body, network }: OneCall<LoadBalancerPut>): Promise<void> {
  const qosPolicyId = body.vip_qos_policy_id;
  if (qosPolicyId && !(await network.qosPolicyExists(qosPolicyId)))
    throw subresourceNotFound('qos_policy', qosPolicyId);
  await checkSecurityGroups(network, body.vip_sg_ids ?? []);
}

const remove = route({
  method: 'DELETE',
  path: one,
  action: 'loadbalancer:delete',
  summary: 'Delete a load balancer, with `cascade` its children too',
  success: 204,
  handler: removeOne,
});

async function removeOne(call: OneCall): Promise<Answer> {
  const row = await find(call);
  const { id } = row;
  onlyArguments(call, 'cascade');
  const cascade = values(call.query, 'cascade').some(isTrue);
  await change(call, async (tx) => {
    // Octavia looks for children before it looks at the status.
    const children = cascade ? false : await hasChildren(tx, id);
    if (children) throw validationFailure(`Cannot delete Load Balancer ${id} - it has children`);
    await lockItself(tx, id, deletable, 'PENDING_DELETE');
    // A child may have come while this request waited for the lock.
    if (!cascade && (await hasChildren(tx, id))) {
      throw validationFailure(`Cannot delete Load Balancer ${id} - it has children`);
    }
    const operation = await openOnItself(tx, call, 'deleteLoadBalancer', row, { cascade });
    return { operation, result: undefined };
  });
  return { status: 204 };
}

const failover = route({
  method: 'PUT',
  path: '/v2/lbaas/loadbalancers/:id/failover',
  action: 'loadbalancer:put_failover',
  summary: 'Replace the amphorae of a load balancer',
  success: 202,
  handler: async (call) => {
    const row = await find(call);
    await change(call, async (tx) => {
      await lockItself(tx, row.id, failoverable, 'PENDING_UPDATE');
      const operation = await openOnItself(tx, call, 'failoverLoadBalancer', row);
      return { operation, result: undefined };
    });
    return { status: 202 };
  },
});

const status = (path: '/v2/lbaas/loadbalancers/:id/status' | '/v2/lbaas/loadbalancers/:id/statuses') =>
  route({
    method: 'GET',
    path,
    action: 'loadbalancer:get_status',
    summary: 'Show the status tree of a load balancer',
    success: 200,
    handler: async (call) => {
      const { id } = await find(call);
      return { status: 200, body: { statuses: { loadbalancer: await statusTree(call.db, id) } } };
    },
  });

const stats = route({
  method: 'GET',
  path: '/v2/lbaas/loadbalancers/:id/stats',
  action: 'loadbalancer:get_stats',
  summary: 'Show the traffic of a load balancer',
  success: 200,
  handler: async (call) => {
    const { id } = await find(call);
    return { status: 200, body: { stats: await loadBalancerStatistics(call.db, id) } };
  },
});

export const loadBalancerRoutes = [
  ...reads,
  create,
  update,
  remove,
  failover,
  status('/v2/lbaas/loadbalancers/:id/status'),
  status('/v2/lbaas/loadbalancers/:id/statuses'),
  stats,
] as const;
