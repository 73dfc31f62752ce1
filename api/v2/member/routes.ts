/** Members of a pool (Octavia: api/v2/controllers/member.py). */
import type { Tx } from '../../../db/database.ts';
import { violatedUnique } from '../../../db/errors.ts';
import { findMember, insertMember, listMembers, memberList, memberSubnets, updateMember } from '../../../db/member.ts';
import { findPool, type PoolWithRelations } from '../../../db/pool.ts';
import type { LoadBalancerRow, MemberRow, OperationRow } from '../../../db/schema.ts';
import { duplicateMember, notFound, whileRouting } from '../../../model/errors.ts';
import { change, open } from '../../http/change.ts';
import { answerList, type Collection } from '../../http/list.ts';
import { route, type Answer, type AnyCall, type Call } from '../../http/route.ts';
import { found, idOf, onlyArguments, showOne } from '../../http/subject.ts';
import { authorize } from '../../policy.ts';
import { normalizeUuid } from '../../wire/scalars.ts';
import { given, resetTo, tagsOf } from '../common.ts';
import { lockThroughPool } from '../pool/lock.ts';
import { memberCreation, memberUpdate, type MemberPost, type MemberPut } from './schema.ts';
import { checkMembers, newMember } from './values.ts';
import { memberView } from './view.ts';

const all = '/v2/lbaas/pools/:poolId/members';
const one = '/v2/lbaas/pools/:poolId/members/:id';
type AllCall<Body = unknown> = Call<typeof all, Body>;
type OneCall<Body = unknown> = Call<typeof one, Body>;

const collection: Collection<MemberRow> = {
  name: 'members',
  links: 'members_links',
  list: memberList,
  fetch: listMembers,
  view: memberView,
};

/** The pool of the path. Octavia looks for it while it routes, hence the other shape of error. */
export async function poolOf(call: AllCall): Promise<PoolWithRelations> {
  const id = normalizeUuid(call.params.poolId);
  const pool = id === null ? undefined : await findPool(call.db, id);
  if (pool === undefined) throw whileRouting(notFound('Pool', call.params.poolId));
  authorize(call.identity, call.action, pool.project_id);
  return pool;
}

async function subject(call: OneCall): Promise<{ pool: PoolWithRelations; member: MemberRow }> {
  const pool = await poolOf(call);
  const id = idOf('Member', call.params.id);
  return { pool, member: found(await findMember(call.db, pool.id, id), 'Member', id) };
}

const listAll = route({
  method: 'GET',
  path: all,
  action: 'member:get_all',
  summary: 'List the members of a pool',
  success: 200,
  handler: async (call) => answerList(call, collection, { key: 'pool_id', id: (await poolOf(call)).id }),
});

const show = route({
  method: 'GET',
  path: one,
  action: 'member:get_one',
  summary: 'Show a member',
  success: 200,
  handler: async (call) => showOne(call, 'member', memberView((await subject(call)).member)),
});

const create = route({
  method: 'POST',
  path: all,
  action: 'member:post',
  summary: 'Create a member',
  success: 201,
  body: memberCreation,
  handler: createOne,
});

async function createOne(call: AllCall<MemberPost>): Promise<Answer> {
  const { body } = call;
  const pool = await poolOf(call);
  await checkMembers(call.network, [body]);
  const values = newMember(pool, body);
  const work = async (tx: Tx) => {
    const loadBalancer = await lockThroughPool(tx, pool);
    const plug = await isLoneMember(tx, loadBalancer, values.subnet_id);
    const result = await insertMember(tx, values);
    return { operation: await openMemberOperation(tx, call, 'createMember', pool, result, plug), result };
  };
  const row = await change(call, work).catch((error: unknown) => {
    throw violatedUnique(error) === null ? error : duplicateMember(body.address, body.protocol_port);
  });
  return { status: 201, body: { member: memberView(row) } };
}

/** Whether no member that stays is in this subnet, so that the amphorae must be plugged into it or out of it. */
async function isLoneMember(tx: Tx, loadBalancer: LoadBalancerRow, subnetId: string | null): Promise<boolean> {
  if (subnetId === null || subnetId === loadBalancer.vip_subnet_id) return false;
  return !(await memberSubnets(tx, loadBalancer.id)).includes(subnetId);
}

function openMemberOperation(
  tx: Tx,
  call: AnyCall,
  kind: 'createMember' | 'updateMember' | 'deleteMember',
  pool: PoolWithRelations,
  member: MemberRow,
  plug: boolean,
): Promise<OperationRow> {
  return open(tx, call, {
    kind,
    loadBalancerId: pool.load_balancer_id,
    resourceType: 'member',
    resourceId: member.id,
    resourceName: member.name,
    projectId: pool.project_id,
    arguments: { poolId: pool.id, plug },
  });
}

const update = route({
  method: 'PUT',
  path: one,
  action: 'member:put',
  summary: 'Update a member',
  success: 200,
  body: memberUpdate,
  handler: updateOne,
});

async function updateOne(call: OneCall<MemberPut>): Promise<Answer> {
  const { body } = call;
  const { pool, member } = await subject(call);
  onlyArguments(call);
  const row = await change(call, async (tx) => {
    await lockThroughPool(tx, pool);
    const updated = await updateMember(tx, member.id, {
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
    const result = found(updated, 'Member', member.id);
    return { operation: await openMemberOperation(tx, call, 'updateMember', pool, result, false), result };
  });
  return { status: 200, body: { member: memberView(row) } };
}

const remove = route({
  method: 'DELETE',
  path: one,
  action: 'member:delete',
  summary: 'Delete a member',
  success: 204,
  handler: async (call) => {
    const { pool, member } = await subject(call);
    onlyArguments(call);
    await change(call, async (tx) => {
      const loadBalancer = await lockThroughPool(tx, pool);
      const marked = await updateMember(tx, member.id, { provisioning_status: 'PENDING_DELETE' });
      const result = found(marked, 'Member', member.id);
      const plug = await isLoneMember(tx, loadBalancer, result.subnet_id);
      return { operation: await openMemberOperation(tx, call, 'deleteMember', pool, result, plug), result };
    });
    return { status: 204 };
  },
});

export const memberRoutes = [listAll, create, show, update, remove] as const;
