/** Health monitors (Octavia: api/v2/controllers/health_monitor.py). */
import type { Tx } from '../../../db/database.ts';
import { violatedUnique } from '../../../db/errors.ts';
import {
  findHealthMonitor,
  healthMonitorList,
  insertHealthMonitor,
  listHealthMonitors,
  updateHealthMonitor,
} from '../../../db/health-monitor.ts';
import { findPool, type PoolWithRelations } from '../../../db/pool.ts';
import type { HealthMonitorRow, OperationRow } from '../../../db/schema.ts';
import { duplicateHealthMonitor } from '../../../model/errors.ts';
import { checkTypeForPool } from '../../../model/health-monitor-rules.ts';
import { change, open } from '../../http/change.ts';
import { answerList, type Collection } from '../../http/list.ts';
import { route, type Answer, type AnyCall, type Call } from '../../http/route.ts';
import { found, onlyArguments, showOne, subjectOf } from '../../http/subject.ts';
import { authorize } from '../../policy.ts';
import { lockThroughPool } from '../pool/lock.ts';
import { healthMonitorCreation, healthMonitorUpdate, type HealthMonitorPost, type HealthMonitorPut } from './schema.ts';
import { healthMonitorChanges, newHealthMonitor } from './values.ts';
import { healthMonitorView } from './view.ts';

const all = '/v2/lbaas/healthmonitors';
const one = '/v2/lbaas/healthmonitors/:id';
type OneCall<Body = unknown> = Call<typeof one, Body>;

const collection: Collection<HealthMonitorRow> = {
  name: 'healthmonitors',
  links: 'healthmonitors_links',
  list: healthMonitorList,
  fetch: listHealthMonitors,
  view: healthMonitorView,
};

const subject = (call: OneCall): Promise<HealthMonitorRow> =>
  subjectOf(call, 'Health Monitor', call.params.id, findHealthMonitor);

const listAll = route({
  method: 'GET',
  path: all,
  action: 'healthmonitor:get_all',
  summary: 'List health monitors',
  success: 200,
  handler: (call) => answerList(call, collection),
});

const show = route({
  method: 'GET',
  path: one,
  action: 'healthmonitor:get_one',
  summary: 'Show a health monitor',
  success: 200,
  handler: async (call) => showOne(call, 'healthmonitor', healthMonitorView(await subject(call))),
});

const create = route({
  method: 'POST',
  path: all,
  action: 'healthmonitor:post',
  summary: 'Create the health monitor of a pool',
  success: 201,
  body: healthMonitorCreation,
  handler: createOne,
});

async function createOne(call: Call<typeof all, HealthMonitorPost>): Promise<Answer> {
  const { body } = call;
  const pool = found(await findPool(call.db, body.pool_id), 'Pool', body.pool_id);
  authorize(call.identity, call.action, pool.project_id);
  checkTypeForPool(body.type, pool.protocol);
  const values = newHealthMonitor(body);
  const work = async (tx: Tx) => {
    await lockThroughPool(tx, pool);
    const result = await insertHealthMonitor(tx, {
      ...values,
      pool_id: pool.id,
      project_id: pool.project_id,
      provisioning_status: 'PENDING_CREATE',
      operating_status: 'OFFLINE',
    });
    return { operation: await openMonitorOperation(tx, call, 'createHealthMonitor', pool, result), result };
  };
  const row = await change(call, work).catch((error: unknown) => {
    throw violatedUnique(error) === null ? error : duplicateHealthMonitor();
  });
  return { status: 201, body: { healthmonitor: healthMonitorView(row) } };
}

function openMonitorOperation(
  tx: Tx,
  call: AnyCall,
  kind: 'createHealthMonitor' | 'updateHealthMonitor' | 'deleteHealthMonitor',
  pool: PoolWithRelations,
  { id, name }: HealthMonitorRow,
): Promise<OperationRow> {
  return open(tx, call, {
    kind,
    loadBalancerId: pool.load_balancer_id,
    resourceType: 'health_monitor',
    resourceId: id,
    resourceName: name,
    projectId: pool.project_id,
    arguments: { poolId: pool.id },
  });
}

const update = route({
  method: 'PUT',
  path: one,
  action: 'healthmonitor:put',
  summary: 'Update a health monitor',
  success: 200,
  body: healthMonitorUpdate,
  handler: updateOne,
});

async function updateOne(call: OneCall<HealthMonitorPut>): Promise<Answer> {
  const before = await subject(call);
  onlyArguments(call);
  const changes = healthMonitorChanges(before, call.body);
  const row = await change(call, async (tx) => {
    const pool = found(await findPool(tx, before.pool_id), 'Pool', before.pool_id);
    await lockThroughPool(tx, pool);
    const updated = await updateHealthMonitor(tx, before.id, { ...changes, provisioning_status: 'PENDING_UPDATE' });
    const result = found(updated, 'Health Monitor', before.id);
    return { operation: await openMonitorOperation(tx, call, 'updateHealthMonitor', pool, result), result };
  });
  return { status: 200, body: { healthmonitor: healthMonitorView(row) } };
}

const remove = route({
  method: 'DELETE',
  path: one,
  action: 'healthmonitor:delete',
  summary: 'Delete a health monitor',
  success: 204,
  handler: async (call) => {
    const before = await subject(call);
    onlyArguments(call);
    await change(call, async (tx) => {
      const pool = found(await findPool(tx, before.pool_id), 'Pool', before.pool_id);
      await lockThroughPool(tx, pool);
      const marked = await updateHealthMonitor(tx, before.id, { provisioning_status: 'PENDING_DELETE' });
      const result = found(marked, 'Health Monitor', before.id);
      return { operation: await openMonitorOperation(tx, call, 'deleteHealthMonitor', pool, result), result };
    });
    return { status: 204 };
  },
});

export const healthMonitorRoutes = [listAll, create, show, update, remove] as const;
