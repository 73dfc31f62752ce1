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
import type { HealthMonitorRow } from '../../../db/schema.ts';
import { duplicateHealthMonitor } from '../../../model/errors.ts';
import { checkTypeForPool } from '../../../model/health-monitor-rules.ts';
import { childRoutes, type Changed, type Work } from '../../http/child-routes.ts';
import type { Call } from '../../http/route.ts';
import { found, subjectOf } from '../../http/subject.ts';
import { authorize } from '../../policy.ts';
import { lockThroughPool } from '../pool/lock.ts';
import { healthMonitorCreation, healthMonitorUpdate, type HealthMonitorPost, type HealthMonitorPut } from './schema.ts';
import { healthMonitorChanges, newHealthMonitor } from './values.ts';
import { healthMonitorView } from './view.ts';

const changed = (pool: PoolWithRelations, row: HealthMonitorRow): Changed<HealthMonitorRow> => ({
  row,
  loadBalancerId: pool.load_balancer_id,
  arguments: { poolId: pool.id },
});

async function create(call: Call<never, HealthMonitorPost>): Promise<Work<HealthMonitorRow>> {
  const { body } = call;
  const pool = found(await findPool(call.db, body.pool_id), 'Pool', body.pool_id);
  authorize(call.identity, call.action, pool.project_id);
  checkTypeForPool(body.type, pool.protocol);
  const values = newHealthMonitor(body);
  return async (tx) => {
    await lockThroughPool(tx, pool);
    const row = await insertHealthMonitor(tx, {
      ...values,
      pool_id: pool.id,
      project_id: pool.project_id,
      provisioning_status: 'PENDING_CREATE',
      operating_status: 'OFFLINE',
    }).catch((error: unknown) => {
      throw violatedUnique(error) === null ? error : duplicateHealthMonitor();
    });
    return changed(pool, row);
  };
}

/** The pool of a monitor that stays or goes, locked. */
async function lockPoolOf(tx: Tx, { pool_id: id }: HealthMonitorRow): Promise<PoolWithRelations> {
  const pool = found(await findPool(tx, id), 'Pool', id);
  await lockThroughPool(tx, pool);
  return pool;
}

function update({ body }: Call<never, HealthMonitorPut>, before: HealthMonitorRow): Work<HealthMonitorRow> {
  const changes = healthMonitorChanges(before, body);
  return async (tx) => {
    const pool = await lockPoolOf(tx, before);
    const updated = await updateHealthMonitor(tx, before.id, { ...changes, provisioning_status: 'PENDING_UPDATE' });
    return changed(pool, found(updated, 'Health Monitor', before.id));
  };
}

function remove(before: HealthMonitorRow): Work<HealthMonitorRow> {
  return async (tx) => {
    const pool = await lockPoolOf(tx, before);
    const marked = await updateHealthMonitor(tx, before.id, { provisioning_status: 'PENDING_DELETE' });
    return changed(pool, found(marked, 'Health Monitor', before.id));
  };
}

export const healthMonitorRoutes = childRoutes({
  all: '/v2/lbaas/healthmonitors',
  one: '/v2/lbaas/healthmonitors/:id',
  root: 'healthmonitor',
  noun: 'HealthMonitor',
  type: 'health_monitor',
  summaries: {
    list: 'List health monitors',
    create: 'Create the health monitor of a pool',
    show: 'Show a health monitor',
    update: 'Update a health monitor',
    remove: 'Delete a health monitor',
  },
  collection: {
    name: 'healthmonitors',
    links: 'healthmonitors_links',
    list: healthMonitorList,
    fetch: listHealthMonitors,
    view: healthMonitorView,
  },
  find: (call) => subjectOf(call, 'Health Monitor', call.params.id, findHealthMonitor),
  creation: healthMonitorCreation,
  create,
  changes: healthMonitorUpdate,
  update,
  remove,
});
