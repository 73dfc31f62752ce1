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
import { change, lockItself, open } from '../../http/change.ts';
import { answerList, type Collection } from '../../http/list.ts';
import { values } from '../../http/list-query.ts';
import { route, type Answer, type Call } from '../../http/route.ts';
import { found, onlyArguments, showOne, subjectOf } from '../../http/subject.ts';
import { isTrue } from '../../wire/scalars.ts';
import { given, resetTo, tagsOf } from '../common.ts';
import { checkSecurityGroups, createLoadBalancer } from './create.ts';
import { loadBalancerCreation, loadBalancerUpdate, type LoadBalancerPut } from './schema.ts';
import { loadBalancerView } from './view.ts';

const one = '/v2/lbaas/loadbalancers/:id';
type OneCall<Body = unknown> = Call<typeof one, Body>;

const collection: Collection<LoadBalancerWithChildren> = {
  name: 'loadbalancers',
  links: 'loadbalancers_links',
  list: loadBalancerList,
  fetch: listLoadBalancers,
  view: loadBalancerView,
};

const subject = (call: OneCall): Promise<LoadBalancerWithChildren> =>
  subjectOf(call, 'Load Balancer', call.params.id, findLoadBalancer);

const listAll = route({
  method: 'GET',
  path: '/v2/lbaas/loadbalancers',
  action: 'loadbalancer:get_all',
  summary: 'List load balancers',
  success: 200,
  handler: (call) => answerList(call, collection),
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

const show = route({
  method: 'GET',
  path: one,
  action: 'loadbalancer:get_one',
  summary: 'Show a load balancer',
  success: 200,
  handler: async (call) => showOne(call, 'loadbalancer', loadBalancerView(await subject(call))),
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
  const { id, project_id } = await subject(call);
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
    const operation = await open(tx, call, {
      kind: 'updateLoadBalancer',
      loadBalancerId: id,
      resourceType: 'load_balancer',
      resourceId: id,
      resourceName: result.name,
      projectId: project_id,
    });
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
  const { id, name, project_id } = await subject(call);
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
    const operation = await open(tx, call, {
      kind: 'deleteLoadBalancer',
      loadBalancerId: id,
      resourceType: 'load_balancer',
      resourceId: id,
      resourceName: name,
      projectId: project_id,
      arguments: { cascade },
    });
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
    const { id, name, project_id } = await subject(call);
    await change(call, async (tx) => {
      await lockItself(tx, id, failoverable, 'PENDING_UPDATE');
      const operation = await open(tx, call, {
        kind: 'failoverLoadBalancer',
        loadBalancerId: id,
        resourceType: 'load_balancer',
        resourceId: id,
        resourceName: name,
        projectId: project_id,
      });
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
      const { id } = await subject(call);
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
    const { id } = await subject(call);
    return { status: 200, body: { stats: await loadBalancerStatistics(call.db, id) } };
  },
});

export const loadBalancerRoutes = [
  listAll,
  create,
  show,
  update,
  remove,
  failover,
  status('/v2/lbaas/loadbalancers/:id/status'),
  status('/v2/lbaas/loadbalancers/:id/statuses'),
  stats,
] as const;
