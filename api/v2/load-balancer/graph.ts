/** Writes the children of a fully populated load balancer, in the transaction of the load balancer itself. */
import type { Settings } from '../../../config/settings.ts';
import type { Tx } from '../../../db/database.ts';
import { insertHealthMonitor } from '../../../db/health-monitor.ts';
import { insertListener } from '../../../db/listener.ts';
import { insertMembers } from '../../../db/member.ts';
import { findPool, insertPool, type PoolWithRelations } from '../../../db/pool.ts';
import type { HealthMonitorRow, ListenerRow, LoadBalancerRow, MemberRow } from '../../../db/schema.ts';
import { duplicateListener, duplicateMember, noChildren, notFound } from '../../../model/errors.ts';
import { checkTypeForPool } from '../../../model/health-monitor-rules.ts';
import { checkAllowedCidrs, checkListener, checkServed } from '../../../model/listener-rules.ts';
import { checkPoolBehind, transportOf } from '../../../model/protocols.ts';
import { found } from '../../http/subject.ts';
import { newHealthMonitor } from '../health-monitor/values.ts';
import { fullHealthMonitorView } from '../health-monitor/view.ts';
import { newListener } from '../listener/values.ts';
import { fullListenerView } from '../listener/view.ts';
import { newMember } from '../member/values.ts';
import { memberView } from '../member/view.ts';
import { checkAlgorithm, newPersistence, newPool, type PoolDefinition } from '../pool/values.ts';
import { fullPoolView } from '../pool/view.ts';
import { servedProtocols } from '../provider.ts';
import type { GraphPlan } from './graph-plan.ts';

const accepted = { provisioning_status: 'PENDING_CREATE', operating_status: 'OFFLINE' } as const;

/** The children as a client reads them. */
export interface GraphViews {
  readonly listeners: readonly unknown[];
  readonly pools: readonly unknown[];
}

interface PoolTree {
  readonly pool: PoolWithRelations;
  readonly monitor: HealthMonitorRow | null;
  readonly members: readonly MemberRow[];
}

/** All pools first, each with its monitor and members, then the listeners. Throws ApiError. */
export async function insertGraph(
  tx: Tx,
  loadBalancer: LoadBalancerRow,
  plan: GraphPlan,
  settings: Settings,
): Promise<GraphViews> {
  const trees = new Map<string, PoolTree>();
  for (const definition of plan.pools) {
    trees.set(definition.name ?? '', await insertPoolTree(tx, loadBalancer, definition));
  }
  const listeners: ListenerRow[] = [];
  for (const { listener, pool } of plan.listeners) {
    const tree = pool === null ? undefined : trees.get(pool);
    const values = { ...newListener(listener, settings), default_pool_id: tree?.pool.id ?? null };
    if (listener.default_pool_id) throw notFound('Pool', listener.default_pool_id);
    checkNewListener(values, loadBalancer, listeners, tree?.pool, settings);
    listeners.push(
      await insertListener(tx, {
        ...values,
        ...accepted,
        insert_headers: JSON.stringify(values.insert_headers),
        project_id: loadBalancer.project_id,
        load_balancer_id: loadBalancer.id,
      }),
    );
  }
  return {
    listeners: listeners.map(fullListenerView),
    pools: [...trees.values()].map((tree) => viewOf(tree, listeners)),
  };
}

function checkNewListener(
  values: ReturnType<typeof newListener>,
  loadBalancer: LoadBalancerRow,
  others: readonly ListenerRow[],
  pool: PoolWithRelations | undefined,
  settings: Settings,
): void {
  const { protocol, protocol_port, allowed_cidrs } = values;
  if (pool !== undefined && protocol === 'PROMETHEUS') throw noChildren(protocol);
  if (pool !== undefined) checkPoolBehind(protocol, pool.protocol);
  checkListener(values, 'create');
  checkServed(protocol, servedProtocols(settings));
  const other = others.find(
    (one) => one.protocol_port === protocol_port && transportOf(one.protocol) === transportOf(protocol),
  );
  if (other !== undefined) throw duplicateListener(other.protocol, protocol_port);
  const { vip_address, vip_sg_ids } = loadBalancer;
  if (vip_address !== null) checkAllowedCidrs(allowed_cidrs ?? [], [vip_address], vip_sg_ids);
}

async function insertPoolTree(tx: Tx, loadBalancer: LoadBalancerRow, body: PoolDefinition): Promise<PoolTree> {
  const { id: load_balancer_id, project_id, provider } = loadBalancer;
  checkAlgorithm(body.lb_algorithm, provider);
  const persistence = newPersistence(body.protocol, body.session_persistence);
  const id = await insertPool(tx, {
    ...newPool(body),
    ...accepted,
    session_persistence: persistence === null ? null : JSON.stringify(persistence),
    project_id,
    load_balancer_id,
  });
  const monitor = await insertMonitor(tx, { id, project_id }, body);
  const members = await insertMembers(tx, membersOf({ id, project_id, health_monitor_id: monitor?.id ?? null }, body));
  return { pool: found(await findPool(tx, id), 'Pool', id), monitor, members };
}

async function insertMonitor(
  tx: Tx,
  pool: { id: string; project_id: string },
  { healthmonitor, protocol }: PoolDefinition,
): Promise<HealthMonitorRow | null> {
  if (!healthmonitor) return null;
  checkTypeForPool(healthmonitor.type, protocol);
  return insertHealthMonitor(tx, {
    ...newHealthMonitor(healthmonitor),
    ...accepted,
    pool_id: pool.id,
    project_id: pool.project_id,
  });
}

function membersOf(pool: Parameters<typeof newMember>[0], { members }: PoolDefinition) {
  const keys = new Set<string>();
  for (const { address, protocol_port } of members ?? []) {
    const key = `${address} ${protocol_port}`;
    if (keys.has(key)) throw duplicateMember(address, protocol_port);
    keys.add(key);
  }
  return (members ?? []).map((member) => newMember(pool, member));
}

function viewOf({ pool, monitor, members }: PoolTree, listeners: readonly ListenerRow[]): unknown {
  const listener_ids = listeners.filter((one) => one.default_pool_id === pool.id).map((one) => one.id);
  return fullPoolView(
    { ...pool, listener_ids },
    members.map(memberView),
    monitor === null ? null : fullHealthMonitorView(monitor),
  );
}
