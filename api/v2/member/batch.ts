/** Replacing the members of a pool in one request (Octavia: api/v2/controllers/member.py, MembersController.put). */
import type { Tx } from '../../../db/database.ts';
import {
  insertMembers,
  markMembersPendingDelete,
  membersOfPool,
  updateMembers,
  type MemberChange,
} from '../../../db/member.ts';
import type { PoolWithRelations } from '../../../db/pool.ts';
import type { MemberRow } from '../../../db/schema.ts';
import { duplicateMember, validationFailure } from '../../../model/errors.ts';
import { change, open } from '../../http/change.ts';
import { values } from '../../http/list-query.ts';
import { route, type Answer, type Call } from '../../http/route.ts';
import { onlyArguments } from '../../http/subject.ts';
import { isTrue } from '../../wire/scalars.ts';
import { tagsOf } from '../common.ts';
import { lockThroughPool } from '../pool/lock.ts';
import { mustPlug, reachedThroughVip } from './networks.ts';
import { poolOf } from './routes.ts';
import { memberBatch, type MemberPost } from './schema.ts';
import { checkMembers, newMember } from './values.ts';

const all = '/v2/lbaas/pools/:poolId/members';
type BatchCall = Call<typeof all, readonly MemberPost[]>;

interface Plan {
  readonly created: readonly MemberPost[];
  readonly updated: readonly MemberChange[];
  readonly deleted: readonly string[];
}

/** Undoes the lock of a batch that has nothing to do. */
class NothingToDo extends Error {}

/** A member is the same one when address and port are, compared as text. */
const keyOf = (member: { address: string; protocol_port: number }): string =>
  `${member.address} ${member.protocol_port}`;

function planOf(existing: readonly MemberRow[], wanted: readonly MemberPost[], additive: boolean): Plan {
  const byKey = new Map(existing.map((member) => [keyOf(member), member]));
  const seen = new Set<string>();
  const created: MemberPost[] = [];
  const updated: MemberChange[] = [];
  for (const member of wanted) {
    const key = keyOf(member);
    const before = byKey.get(key);
    if (seen.has(key)) throw repeated(member, before);
    seen.add(key);
    if (before === undefined) created.push(member);
    else updated.push(changeOf(before.id, member));
  }
  const deleted = additive ? [] : existing.filter((member) => !seen.has(keyOf(member))).map((member) => member.id);
  return { created, updated, deleted };
}

function repeated(member: MemberPost, before: MemberRow | undefined): Error {
  return before === undefined
    ? duplicateMember(member.address, member.protocol_port)
    : validationFailure('Member must be updated only once in the same request.');
}

/** Fields with a default are written even when the request leaves them out, as upstream. */
function changeOf(id: string, body: MemberPost): MemberChange {
  return {
    id,
    name: body.name === undefined ? null : (body.name ?? ''),
    tags: body.tags === undefined ? null : tagsOf(body.tags),
    subnet_id: body.subnet_id ?? null,
    weight: body.weight ?? 1,
    backup: body.backup ?? false,
    admin_state_up: body.admin_state_up ?? false,
    monitor_address: body.monitor_address ?? null,
    monitor_port: body.monitor_port ?? null,
  };
}

async function replace(call: BatchCall): Promise<Answer> {
  onlyArguments(call, 'additive_only');
  const pool = await poolOf(call);
  const additive = values(call.query, 'additive_only').some(isTrue);
  await checkMembers(call.network, call.body);
  const joining = call.body.map((member) => member.subnet_id);
  const reached = await reachedThroughVip(call, pool.load_balancer_id, joining);
  try {
    await change(call, async (tx) => {
      await lockThroughPool(tx, pool);
      const existing = await membersOfPool(tx, pool.id);
      if (existing.length === 0 && call.body.length === 0) throw new NothingToDo();
      const plan = planOf(existing, call.body, additive);
      const written = await write(tx, pool, plan);
      const plug = await mustPlug(tx, pool.load_balancer_id, reached);
      return { operation: await openBatch(tx, call, pool, { ...written, plug }), result: undefined };
    });
  } catch (error) {
    if (!(error instanceof NothingToDo)) throw error;
  }
  return { status: 202 };
}

/** Writes the intent; gives the ids of the members, by what happens to them. */
async function write(tx: Tx, pool: PoolWithRelations, { created, updated, deleted }: Plan) {
  const rows = await insertMembers(
    tx,
    created.map((member) => newMember(pool, member)),
  );
  await updateMembers(tx, updated);
  await markMembersPendingDelete(tx, deleted);
  return { created: rows.map((member) => member.id), updated: updated.map((member) => member.id), deleted };
}

function openBatch(tx: Tx, call: BatchCall, pool: PoolWithRelations, more: Readonly<Record<string, unknown>>) {
  return open(tx, call, {
    kind: 'batchUpdateMembers',
    loadBalancerId: pool.load_balancer_id,
    resourceType: 'pool',
    resourceId: pool.id,
    resourceName: pool.name,
    projectId: pool.project_id,
    arguments: { poolId: pool.id, ...more },
  });
}

export const replaceMembers = route({
  method: 'PUT',
  path: all,
  action: 'member:put_all',
  summary: 'Replace the members of a pool, or with `additive_only` add to them',
  success: 202,
  body: memberBatch,
  handler: replace,
});
