/** Members of a pool (Octavia: api/v2/controllers/member.py). */
import type { Tx } from '../../../db/database.ts';
import { violatedUnique } from '../../../db/errors.ts';
import { findMember, insertMember, listMembers, memberList, updateMember } from '../../../db/member.ts';
import { findPool, type PoolWithRelations } from '../../../db/pool.ts';
import type { MemberRow } from '../../../db/schema.ts';
import { duplicateMember, notFound, whileRouting } from '../../../model/errors.ts';
import { childRoutes, type Changed, type Work } from '../../http/child-routes.ts';
import type { AnyCall, Call } from '../../http/route.ts';
import { found, idOf } from '../../http/subject.ts';
import { authorize } from '../../policy.ts';
import { normalizeUuid } from '../../wire/scalars.ts';
import { given, resetTo, tagsOf } from '../common.ts';
import { lockThroughPool } from '../pool/lock.ts';
import { mustPlug, reachedThroughVip, type ReachedSubnets } from './networks.ts';
import { memberCreation, memberUpdate, type MemberPost, type MemberPut } from './schema.ts';
import { checkMembers, newMember } from './values.ts';
import { memberView } from './view.ts';

const all = '/v2/lbaas/pools/:poolId/members';
const one = '/v2/lbaas/pools/:poolId/members/:id';
type AllCall<Body = unknown> = Call<typeof all, Body>;

interface MemberOfPool extends MemberRow {
  readonly pool: PoolWithRelations;
}

/** The pool of the path. Octavia looks for it while it routes, hence the other shape of error. */
export async function poolOf(call: AllCall): Promise<PoolWithRelations> {
  const id = normalizeUuid(call.params.poolId);
  const pool = id === null ? undefined : await findPool(call.db, id);
  if (pool === undefined) throw whileRouting(notFound('Pool', call.params.poolId));
  authorize(call.identity, call.action, pool.project_id);
  return pool;
}

async function find(call: Call<typeof one, unknown>): Promise<MemberOfPool> {
  const pool = await poolOf(call);
  const id = idOf('Member', call.params.id);
  return { ...found(await findMember(call.db, pool.id, id), 'Member', id), pool };
}

async function changed(
  tx: Tx,
  { id: poolId, load_balancer_id: loadBalancerId }: PoolWithRelations,
  row: MemberRow,
  reached: ReachedSubnets,
): Promise<Changed<MemberRow>> {
  const plug = await mustPlug(tx, loadBalancerId, reached);
  return { row, loadBalancerId, arguments: { poolId, plug } };
}

async function create(call: AllCall<MemberPost>): Promise<Work<MemberRow>> {
  const { body } = call;
  const pool = await poolOf(call);
  await checkMembers(call.network, [body]);
  const values = newMember(pool, body);
  const reached = await reachedThroughVip(call, pool.load_balancer_id, [values.subnet_id]);
  return async (tx) => {
    await lockThroughPool(tx, pool);
    const row = await insertMember(tx, values).catch((error: unknown) => {
      throw violatedUnique(error) === null ? error : duplicateMember(body.address, body.protocol_port);
    });
    return changed(tx, pool, row, reached);
  };
}

async function update(call: Call<never, MemberPut>, { id, pool, subnet_id }: MemberOfPool): Promise<Work<MemberRow>> {
  const { body } = call;
  const reached = await reachedThroughVip(call, pool.load_balancer_id, [subnet_id]);
  return async (tx) => {
    await lockThroughPool(tx, pool);
    const updated = await updateMember(tx, id, {
      ...given({
        name: resetTo(body.name, ''),
        admin_state_up: resetTo(body.admin_state_up, false),
        weight: resetTo(body.weight, 1),
        backup: resetTo(body.backup, false),
        monitor_address: body.monitor_address,
        monitor_port: body.monitor_port,
        tags: body.tags === undefined ? undefined : tagsOf(body.tags),
      }),
      provisioning_status: 'PENDING_UPDATE',
    });
    return changed(tx, pool, found(updated, 'Member', id), reached);
  };
}

async function remove({ id, pool }: MemberOfPool, call: AnyCall): Promise<Work<MemberRow>> {
  const reached = await reachedThroughVip(call, pool.load_balancer_id);
  return async (tx) => {
    await lockThroughPool(tx, pool);
    const marked = found(await updateMember(tx, id, { provisioning_status: 'PENDING_DELETE' }), 'Member', id);
    return changed(tx, pool, marked, reached);
  };
}

export const memberRoutes = childRoutes({
  all,
  one,
  root: 'member',
  noun: 'Member',
  type: 'member',
  summaries: {
    list: 'List the members of a pool',
    create: 'Create a member',
    show: 'Show a member',
    update: 'Update a member',
    remove: 'Delete a member',
  },
  collection: { name: 'members', links: 'members_links', list: memberList, fetch: listMembers, view: memberView },
  parent: async (call) => ({ key: 'pool_id', id: (await poolOf(call)).id }),
  find,
  creation: memberCreation,
  create,
  changes: memberUpdate,
  update,
  remove,
});
