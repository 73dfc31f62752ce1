/** Rows and things that nobody owns: each should have gone with what it was made for. */
import { hostTaskQueue, taskQueueOf } from '../../activities/placement.ts';
import { livingHosts } from '../../db/compute-hosts.ts';
import { ownerlessLoadBalancers, releaseOwnerless } from '../../db/lifecycle/sweep.ts';
import { goneAmphorae, goneLoadBalancers, ownerlessAmphorae } from '../../db/ownership.ts';
import type { MadeThing } from '../../drivers/network/contract.ts';
import type { CleanUpCall } from '../../model/clean-up.ts';
import { surveyMachines } from '../../temporal/machines.ts';
import { removalOf } from '../../workflows/amphora/removal.ts';
import { PlainError } from '../fatal.ts';
import type { RepairContext } from './context.ts';
import { databaseTime, shortId, type Finding } from './finding.ts';
import { lostAfterMs } from './hosts.ts';
import { removalPlan, type Removal } from './removal.ts';

/** What a person must see to; `kept` are the ids that a clean-up is at. */
export async function ownerlessRows(context: RepairContext, kept: ReadonlySet<string>): Promise<readonly Finding[]> {
  const { db, olderThanMs, settings } = context;
  const [amphorae, loadBalancers] = await Promise.all([
    ownerlessAmphorae(db, olderThanMs),
    ownerlessLoadBalancers(db, olderThanMs),
  ]);
  return [
    ...amphorae
      .filter(({ id }) => !kept.has(id))
      .map(({ id, loadBalancerId, computeHost, status, since }) =>
        ownerless(context, 'a', id, {
          what: `amphora ${id}`,
          state: status,
          loadBalancerId,
          since: databaseTime(since),
          fact: loadBalancerId === null ? 'its load balancer is gone' : 'no operation and no clean-up is at it',
          calls: removalOf({ id, taskQueue: taskQueueOf(settings, computeHost) }),
        }),
      ),
    ...loadBalancers.map((id) => pendingLoadBalancer(context, id)),
  ];
}

/** Ports and security groups whose load balancer or amphora is gone. */
export async function ownerlessThings(context: RepairContext, kept: ReadonlySet<string>): Promise<readonly Finding[]> {
  const { db, network, olderThanMs } = context;
  const made = (await network.made()).filter(({ owner, createdAt }) => {
    const age = createdAt === null ? Infinity : Date.now() - databaseTime(createdAt).getTime();
    return !kept.has(owner.id) && age >= olderThanMs;
  });
  const idsOf = (kind: MadeThing['owner']['kind']): string[] =>
    made.flatMap(({ owner }) => (owner.kind === kind ? [owner.id] : []));
  const gone = new Set([
    ...(await goneLoadBalancers(db, idsOf('load balancer'), olderThanMs)),
    ...(await goneAmphorae(db, idsOf('amphora'), olderThanMs)),
  ]);
  return made.filter(({ owner }) => gone.has(owner.id)).map((thing) => thingFinding(context, thing));
}

function thingFinding(context: RepairContext, { kind, id, name, owner, createdAt }: MadeThing): Finding {
  const ofLoadBalancer = owner.kind === 'load balancer';
  const calls: readonly CleanUpCall[] = ofLoadBalancer
    ? // Older than any operation: a load balancer that is there after all keeps its VIP.
      [{ name: 'release VIP', activity: 'releaseVip', args: [owner.id, 0] }]
    : [{ name: 'delete ports', activity: 'deleteAmphoraPorts', args: [owner.id] }];
  return ownerless(context, kind === 'port' ? 'p' : 'g', id, {
    what: `${kind} ${name}`,
    state: 'ownerless',
    loadBalancerId: ofLoadBalancer ? owner.id : null,
    since: createdAt === null ? null : databaseTime(createdAt),
    fact: `its ${owner.kind} is gone`,
    calls,
  });
}

/** Machines that belong to no living amphora, and the places that could not be asked. */
export async function ownerlessMachines(
  context: RepairContext,
): Promise<{ readonly findings: readonly Finding[]; readonly unseen: readonly string[] }> {
  const { client, settings, db } = context;
  const hosts = await livingHosts(db, lostAfterMs);
  const places = settings.computeDriver === 'host' ? hosts.map(hostTaskQueue) : [settings.taskQueue];
  if (places.length === 0) return { findings: [], unseen: [] };
  const surveys = await surveyMachines(client, settings.taskQueue, places).catch(() => null);
  if (surveys === null) return { findings: [], unseen: [`machines: no weir worker answers on ${settings.taskQueue}`] };
  return {
    findings: surveys.flatMap(({ taskQueue, machines }) =>
      machines.map((id) =>
        ownerless(context, 'm', id, {
          what: `machine ${id}`,
          state: 'ownerless',
          loadBalancerId: null,
          since: null,
          fact: `it runs on ${taskQueue} and belongs to no amphora`,
          calls: [{ name: 'delete compute', activity: 'removeOwnerlessMachine', args: [id], taskQueue }],
        }),
      ),
    ),
    unseen: surveys.flatMap(({ taskQueue, failure }) =>
      failure === null ? [] : [`machines of ${taskQueue}: ${failure}`],
    ),
  };
}

interface Ownerless extends Omit<Removal, 'what'> {
  readonly what: string;
  readonly state: string;
  readonly since: Date | null;
  readonly fact: string;
}

function ownerless(context: RepairContext, letter: string, id: string, thing: Ownerless): Finding {
  const { what, state, since, fact, calls, loadBalancerId } = thing;
  return {
    id: shortId(letter, id),
    section: 'ownerless',
    what,
    state,
    needsPerson: true,
    loadBalancerId,
    since,
    facts: [fact],
    details: { id, calls },
    plan: (action) => removalPlan(context, { what, loadBalancerId, calls }, action),
  };
}

/** The sweeper of `weir worker` does the same within half a minute. */
function pendingLoadBalancer({ db }: RepairContext, id: string): Finding {
  const what = `load balancer ${id}`;
  return {
    id: shortId('l', id),
    section: 'ownerless',
    what,
    state: 'PENDING',
    needsPerson: true,
    loadBalancerId: id,
    since: null,
    facts: ['no operation is at it: the sweeper of `weir worker` puts it in ERROR; does one run?'],
    details: { id },
    plan: (action) => {
      if (action !== 'retry') throw new PlainError(`${what} has no operation to ${action}: retry puts it in ERROR`);
      return {
        would: `put ${what} in ERROR, from where it can be failed over or deleted`,
        carryOut: async () => {
          await releaseOwnerless(db, id);
          return `${what} is in ERROR`;
        },
      };
    },
  };
}
