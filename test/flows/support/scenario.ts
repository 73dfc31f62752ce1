/** A load balancer in the state that a flow starts from, and the operation that the flow carries out. */
import { randomUUID } from 'node:crypto';
import type { Activities } from '../../../activities/activities.ts';
import type { OperationRow } from '../../../db/schema.ts';
import type { OperationKind, ResourceType } from '../../../model/operation.ts';
import type { AmphoraRole, Topology } from '../../../model/status.ts';
import type { Cloud } from './cloud.ts';
import { operationRow, requestChange, requestLoadBalancer, requestOf } from './operations.ts';
import { addListener, addMember, addMonitor, addPool, narrow, setStatus, type ChildTable } from './rows.ts';
import { addAmphora, requestServing, serving, type Serving } from './serving.ts';

/** What a flow leaves when it fails: the load balancer's status. What the flow was about is in ERROR then. */
export interface Failed {
  readonly loadBalancer: 'ACTIVE' | 'ERROR' | 'ERROR or none';
}

type Undo = keyof Activities;

const undosOfMembers: readonly Undo[] = ['deleteMemberPort', 'detachMemberPort'];
const undosOfBoot: readonly Undo[] = ['deleteAmphoraPorts', 'deleteCompute', 'forgetAmphora'];
const undosOfCreation: readonly Undo[] = [...undosOfBoot, 'releaseVip'];
const undosOfFailover: readonly Undo[] = [...undosOfBoot, 'markAmphoraFailed'];

export interface Scenario {
  readonly kind: OperationKind;
  /** What sets this one apart from others of its kind. */
  readonly variant: string;
  readonly failed: Failed;
  readonly topology: Topology;
  /** What a failed flow takes back, wherever it fails: the activities of its undos, in alphabetical order. */
  readonly undos: readonly Undo[];
  /** Steps whose failure does not fail the flow: what they could not do is handed to a clean-up flow. */
  readonly handsOver: readonly string[];
  /** Takes minutes to prove: only `./weir test flows` does. */
  readonly costly: boolean;
  /** Networks and ports are another service's, as in a cloud, not rows of our own. */
  readonly slowNetwork: boolean;
  /** Makes all that the flow needs, and its operation. */
  prepare(cloud: Cloud): Promise<OperationRow>;
}

export const nameOf = ({ kind, variant }: Scenario): string => `${kind}, ${variant}`;

const ordinary = { handsOver: [], slowNetwork: false, undos: [], costly: false } as const;

function creation(topology: Topology): Scenario {
  return {
    ...ordinary,
    kind: 'createLoadBalancer',
    variant: topology,
    topology,
    failed: { loadBalancer: 'ERROR or none' },
    undos: undosOfCreation,
    prepare: async (cloud) => requestLoadBalancer(cloud.database.db, await cloud.newSubnet(), topology),
  };
}

const fullCreation: Scenario = {
  ...ordinary,
  kind: 'createLoadBalancer',
  variant: 'with children, in a cloud',
  topology: 'SINGLE',
  failed: { loadBalancer: 'ERROR or none' },
  undos: [...undosOfCreation, ...undosOfMembers],
  slowNetwork: true,
  prepare: async (cloud) => {
    const { operationId } = await requestServing(cloud, 'SINGLE');
    return operationRow(cloud.database.db, operationId);
  },
};

const removalOfOld = ['deleteCompute', 'deleteAmphoraPorts', 'markAmphoraDeleted'];

type WholeKind = 'updateLoadBalancer' | 'deleteLoadBalancer' | 'failoverLoadBalancer';

function whole(kind: WholeKind, topology: Topology, slowNetwork = false): Scenario {
  return {
    ...ordinary,
    slowNetwork,
    kind,
    topology,
    variant: slowNetwork ? `${topology}, in a cloud` : topology,
    failed: { loadBalancer: 'ERROR' },
    ...(kind === 'failoverLoadBalancer' && {
      handsOver: removalOfOld,
      undos: undosOfFailover,
      costly: topology === 'ACTIVE_STANDBY',
    }),
    prepare: async (cloud) => requestOf(cloud.database.db, kind, (await serving(cloud, topology)).loadBalancerId),
  };
}

function amphoraFailover(topology: Topology, role: AmphoraRole, state: 'dead' | 'alive'): Scenario {
  return {
    ...ordinary,
    kind: 'failoverAmphora',
    variant: `${role}, ${state}`,
    topology,
    failed: { loadBalancer: 'ERROR' },
    handsOver: removalOfOld,
    undos: undosOfFailover,
    costly: topology === 'ACTIVE_STANDBY',
    prepare: async (cloud) => {
      const { loadBalancerId } = await serving(cloud, topology);
      const { id } = await cloud.database.db
        .selectFrom('amphora')
        .select('id')
        .where('load_balancer_id', '=', loadBalancerId)
        .where('role', '=', role)
        .executeTakeFirstOrThrow();
      if (state === 'dead') cloud.world.dead.add(id);
      return requestChange(cloud.database.db, loadBalancerId, () =>
        Promise.resolve({ kind: 'failoverAmphora', resourceType: 'amphora', resourceId: id }),
      );
    },
  };
}

type Action = 'create' | 'update' | 'delete';
type ChildKind = Exclude<OperationKind, `${string}LoadBalancer` | 'failoverAmphora' | 'batchUpdateMembers'>;

const childKinds: Readonly<Record<ChildTable, Readonly<Record<Action, ChildKind>>>> = {
  listener: { create: 'createListener', update: 'updateListener', delete: 'deleteListener' },
  pool: { create: 'createPool', update: 'updatePool', delete: 'deletePool' },
  member: { create: 'createMember', update: 'updateMember', delete: 'deleteMember' },
  health_monitor: { create: 'createHealthMonitor', update: 'updateHealthMonitor', delete: 'deleteHealthMonitor' },
};

const ids: Readonly<Record<ChildTable, (made: Serving) => string>> = {
  listener: ({ listenerId }) => listenerId,
  pool: ({ poolId }) => poolId,
  member: ({ memberId }) => memberId,
  health_monitor: ({ monitorId }) => monitorId,
};

function childChange(table: ChildTable, action: Action, topology: Topology = 'SINGLE'): Scenario {
  const kind = childKinds[table][action];
  return {
    ...ordinary,
    kind,
    variant: topology,
    topology,
    failed: { loadBalancer: 'ACTIVE' },
    ...(kind === 'createMember' && { undos: undosOfMembers }),
    prepare: async (cloud) => {
      const made = await serving(cloud, topology);
      const memberSubnet = await cloud.newSubnet();
      return requestChange(cloud.database.db, made.loadBalancerId, async (tx) => {
        const target = { kind, resourceType: table as ResourceType, arguments: { plug: action !== 'update' } };
        if (action !== 'create') {
          const resourceId = ids[table](made);
          await setStatus(tx, table, resourceId, action === 'update' ? 'PENDING_UPDATE' : 'PENDING_DELETE');
          if (kind === 'updateListener') await narrow(tx, resourceId);
          return { ...target, resourceId };
        }
        const makers: Readonly<Record<ChildTable, () => Promise<string>>> = {
          listener: () => addListener(tx, made.loadBalancerId, 'PENDING_CREATE', 81),
          pool: () => addPool(tx, made.loadBalancerId, 'PENDING_CREATE'),
          member: () => addMember(tx, made.poolId, 'PENDING_CREATE', memberSubnet, '10.11.0.201'),
          health_monitor: async () =>
            addMonitor(tx, await addPool(tx, made.loadBalancerId, 'ACTIVE'), 'PENDING_CREATE'),
        };
        return { ...target, resourceId: await makers[table]() };
      });
    },
  };
}

/**
 * A member in ERROR, as after a creation whose network was full, is changed: the network that it never got is plugged. What was
 * plugged of it stays when the change fails, as the member does.
 */
const unplugged: Scenario = {
  ...ordinary,
  kind: 'updateMember',
  variant: 'whose network is missing',
  topology: 'SINGLE',
  failed: { loadBalancer: 'ACTIVE' },
  prepare: async (cloud) => {
    const made = await serving(cloud, 'SINGLE');
    const subnet = await cloud.newSubnet();
    return requestChange(cloud.database.db, made.loadBalancerId, async (tx) => {
      const resourceId = await addMember(tx, made.poolId, 'PENDING_UPDATE', subnet, '10.11.0.201');
      return { kind: 'updateMember', resourceType: 'member', resourceId, arguments: { plug: true } };
    });
  },
};

/** As a failover leaves it whose removal of the old amphora was given up. */
const oneTooMany: Scenario = {
  ...whole('failoverLoadBalancer', 'SINGLE'),
  variant: 'SINGLE, one too many',
  costly: true,
  prepare: async (cloud) => {
    const { loadBalancerId } = await serving(cloud, 'SINGLE');
    await addAmphora(cloud, randomUUID(), loadBalancerId, 'STANDALONE');
    return requestOf(cloud.database.db, 'failoverLoadBalancer', loadBalancerId);
  },
};

const secondSubnet: Scenario = {
  ...ordinary,
  kind: 'createMember',
  variant: 'in another subnet of a network',
  topology: 'SINGLE',
  failed: { loadBalancer: 'ACTIVE' },
  prepare: async (cloud) => {
    const made = await serving(cloud, 'SINGLE');
    const subnet = await cloud.anotherSubnet(made.memberSubnet);
    return requestChange(cloud.database.db, made.loadBalancerId, async (tx) => {
      const resourceId = await addMember(tx, made.poolId, 'PENDING_CREATE', subnet, '10.12.0.201');
      return { kind: 'createMember', resourceType: 'member', resourceId, arguments: { plug: true } };
    });
  },
};

const batch: Scenario = {
  ...ordinary,
  kind: 'batchUpdateMembers',
  variant: 'one joins, one leaves',
  topology: 'SINGLE',
  failed: { loadBalancer: 'ACTIVE' },
  undos: undosOfMembers,
  prepare: async (cloud) => {
    const made = await serving(cloud, 'SINGLE');
    const memberSubnet = await cloud.newSubnet();
    return requestChange(cloud.database.db, made.loadBalancerId, async (tx) => {
      await addMember(tx, made.poolId, 'ACTIVE', null, '10.11.0.202');
      const created = [await addMember(tx, made.poolId, 'PENDING_CREATE', memberSubnet, '10.11.0.201')];
      const deleted = [made.memberId];
      await setStatus(tx, 'member', made.memberId, 'PENDING_DELETE');
      const target = { kind: 'batchUpdateMembers', resourceType: 'pool', resourceId: made.poolId } as const;
      return { ...target, arguments: { plug: true, created, deleted } };
    });
  },
};

const tables = Object.keys(childKinds) as ChildTable[];

/** Every flow, in every shape that it has. */
export const scenarios: readonly Scenario[] = [
  whole('failoverLoadBalancer', 'ACTIVE_STANDBY'),
  creation('SINGLE'),
  creation('ACTIVE_STANDBY'),
  fullCreation,
  whole('updateLoadBalancer', 'SINGLE'),
  whole('deleteLoadBalancer', 'SINGLE', true),
  whole('deleteLoadBalancer', 'ACTIVE_STANDBY'),
  whole('failoverLoadBalancer', 'SINGLE', true),
  oneTooMany,
  amphoraFailover('ACTIVE_STANDBY', 'MASTER', 'dead'),
  amphoraFailover('ACTIVE_STANDBY', 'BACKUP', 'alive'),
  amphoraFailover('SINGLE', 'STANDALONE', 'dead'),
  ...tables.flatMap((table) => (['create', 'update', 'delete'] as const).map((action) => childChange(table, action))),
  childChange('member', 'create', 'ACTIVE_STANDBY'),
  childChange('member', 'delete', 'ACTIVE_STANDBY'),
  secondSubnet,
  unplugged,
  batch,
];
