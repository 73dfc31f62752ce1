/** A load balancer in the state that a flow starts from, built by the flows themselves. */
import type { OperationRow } from '../../../db/schema.ts';
import type { OperationKind, ResourceType } from '../../../model/operation.ts';
import type { Topology } from '../../../model/status.ts';
import type { Cloud } from './cloud.ts';
import { requestChange, requestLoadBalancer, requestOf } from './operations.ts';
import { addListener, addMember, addMonitor, addPool, setStatus, type ChildTable } from './rows.ts';
import { run } from './run.ts';

/** What a flow leaves when it fails: the load balancer's status and, for a child's flow, the child's. */
export interface Failed {
  readonly loadBalancer: 'ACTIVE' | 'ERROR' | 'ERROR or none';
  readonly child?: ChildTable;
}

export interface Scenario {
  readonly kind: OperationKind;
  /** What sets this one apart from others of its kind. */
  readonly variant: string;
  readonly failed: Failed;
  /** Steps whose failure does not fail the flow: what they could not do is handed to a clean-up flow. */
  readonly handsOver?: readonly string[];
  /** Makes all that the flow needs, and its operation. */
  prepare(cloud: Cloud): Promise<OperationRow>;
}

interface Built {
  readonly loadBalancerId: string;
  readonly listenerId: string;
  readonly poolId: string;
  readonly memberId: string;
  readonly monitorId: string;
  readonly otherSubnetId: string;
}

/** A load balancer that serves: a listener with a pool, a member on a network of its own, a monitor. */
async function serving(cloud: Cloud, topology: Topology): Promise<Built> {
  const { db } = cloud.database;
  const [subnetId, otherSubnetId] = [await cloud.newSubnet(), await cloud.newSubnet()];
  const operation = await requestLoadBalancer(db, subnetId, topology);
  const { load_balancer_id: loadBalancerId } = operation;
  const children = await db.transaction().execute(async (tx) => {
    const poolId = await addPool(tx, loadBalancerId, 'PENDING_CREATE');
    return {
      poolId,
      listenerId: await addListener(tx, loadBalancerId, 'PENDING_CREATE', 80, poolId),
      memberId: await addMember(tx, poolId, 'PENDING_CREATE', otherSubnetId),
      monitorId: await addMonitor(tx, poolId, 'PENDING_CREATE'),
    };
  });
  const { failure } = await run(cloud, operation);
  if (failure !== null) throw new Error(`the scenario's load balancer could not be built: ${failure}`);
  return { loadBalancerId, otherSubnetId, ...children };
}

const onLoadBalancer = { loadBalancer: 'ERROR' } as const;

const creations = (['SINGLE', 'ACTIVE_STANDBY'] as const).map((topology): Scenario => ({
  kind: 'createLoadBalancer',
  variant: topology,
  failed: { loadBalancer: 'ERROR or none' },
  prepare: async (cloud) => requestLoadBalancer(cloud.database.db, await cloud.newSubnet(), topology),
}));

const fullCreation: Scenario = {
  kind: 'createLoadBalancer',
  variant: 'with children',
  failed: { loadBalancer: 'ERROR or none' },
  prepare: async (cloud) => {
    const operation = await requestLoadBalancer(cloud.database.db, await cloud.newSubnet(), 'SINGLE');
    const memberSubnet = await cloud.newSubnet();
    await cloud.database.db.transaction().execute(async (tx) => {
      const poolId = await addPool(tx, operation.load_balancer_id, 'PENDING_CREATE');
      await addListener(tx, operation.load_balancer_id, 'PENDING_CREATE', 80, poolId);
      await addMember(tx, poolId, 'PENDING_CREATE', memberSubnet);
    });
    return operation;
  },
};

const removalOfOld = ['deleteCompute', 'deleteAmphoraPorts', 'markAmphoraDeleted'];

const whole = (['updateLoadBalancer', 'deleteLoadBalancer', 'failoverLoadBalancer'] as const).map((kind): Scenario => ({
  kind,
  variant: 'SINGLE',
  failed: onLoadBalancer,
  handsOver: kind === 'failoverLoadBalancer' ? removalOfOld : [],
  prepare: async (cloud) => requestOf(cloud.database.db, kind, (await serving(cloud, 'SINGLE')).loadBalancerId),
}));

const pairFailover: Scenario = {
  kind: 'failoverLoadBalancer',
  variant: 'ACTIVE_STANDBY',
  failed: onLoadBalancer,
  handsOver: removalOfOld,
  prepare: async (cloud) =>
    requestOf(cloud.database.db, 'failoverLoadBalancer', (await serving(cloud, 'ACTIVE_STANDBY')).loadBalancerId),
};

const amphoraFailover: Scenario = {
  kind: 'failoverAmphora',
  variant: 'ACTIVE_STANDBY, dead',
  failed: onLoadBalancer,
  handsOver: removalOfOld,
  prepare: async (cloud) => {
    const { loadBalancerId } = await serving(cloud, 'ACTIVE_STANDBY');
    const { id } = await cloud.database.db
      .selectFrom('amphora')
      .select('id')
      .where('load_balancer_id', '=', loadBalancerId)
      .executeTakeFirstOrThrow();
    cloud.world.dead.add(id);
    return requestChange(cloud.database.db, loadBalancerId, () =>
      Promise.resolve({ kind: 'failoverAmphora', resourceType: 'amphora', resourceId: id }),
    );
  },
};

type ChildKind = Exclude<OperationKind, `${string}LoadBalancer` | 'failoverAmphora' | 'batchUpdateMembers'>;

const tables: Readonly<Record<ChildTable, readonly ['create' | 'update' | 'delete', ChildKind][]>> = {
  listener: [
    ['create', 'createListener'],
    ['update', 'updateListener'],
    ['delete', 'deleteListener'],
  ],
  pool: [
    ['create', 'createPool'],
    ['update', 'updatePool'],
    ['delete', 'deletePool'],
  ],
  member: [
    ['create', 'createMember'],
    ['update', 'updateMember'],
    ['delete', 'deleteMember'],
  ],
  health_monitor: [
    ['create', 'createHealthMonitor'],
    ['update', 'updateHealthMonitor'],
    ['delete', 'deleteHealthMonitor'],
  ],
};

const ids: Readonly<Record<ChildTable, (built: Built) => string>> = {
  listener: ({ listenerId }) => listenerId,
  pool: ({ poolId }) => poolId,
  member: ({ memberId }) => memberId,
  health_monitor: ({ monitorId }) => monitorId,
};

function childScenario(table: ChildTable, action: 'create' | 'update' | 'delete', kind: ChildKind): Scenario {
  return {
    kind,
    variant: action === 'update' ? 'in place' : 'with its networks',
    failed: { loadBalancer: 'ACTIVE', child: table },
    prepare: async (cloud) => {
      const built = await serving(cloud, 'SINGLE');
      const memberSubnet = await cloud.newSubnet();
      return requestChange(cloud.database.db, built.loadBalancerId, async (tx) => {
        const target = { kind, resourceType: table as ResourceType, arguments: { plug: action !== 'update' } };
        if (action !== 'create') {
          const resourceId = ids[table](built);
          await setStatus(tx, table, resourceId, action === 'update' ? 'PENDING_UPDATE' : 'PENDING_DELETE');
          return { ...target, resourceId };
        }
        const makers: Readonly<Record<ChildTable, () => Promise<string>>> = {
          listener: () => addListener(tx, built.loadBalancerId, 'PENDING_CREATE', 81),
          pool: () => addPool(tx, built.loadBalancerId, 'PENDING_CREATE'),
          member: () => addMember(tx, built.poolId, 'PENDING_CREATE', memberSubnet, '10.11.0.201'),
          health_monitor: async () =>
            addMonitor(tx, await addPool(tx, built.loadBalancerId, 'ACTIVE'), 'PENDING_CREATE'),
        };
        return { ...target, resourceId: await makers[table]() };
      });
    },
  };
}

const batch: Scenario = {
  kind: 'batchUpdateMembers',
  variant: 'one joins, one leaves',
  failed: { loadBalancer: 'ACTIVE' },
  prepare: async (cloud) => {
    const built = await serving(cloud, 'SINGLE');
    const memberSubnet = await cloud.newSubnet();
    return requestChange(cloud.database.db, built.loadBalancerId, async (tx) => {
      await addMember(tx, built.poolId, 'PENDING_CREATE', memberSubnet, '10.11.0.201');
      await setStatus(tx, 'member', built.memberId, 'PENDING_DELETE');
      return { kind: 'batchUpdateMembers', resourceType: 'pool', resourceId: built.poolId, arguments: { plug: true } };
    });
  },
};

/** Every flow, in every shape that it has. */
export const scenarios: readonly Scenario[] = [
  ...creations,
  fullCreation,
  ...whole,
  pairFailover,
  amphoraFailover,
  ...Object.entries(tables).flatMap(([table, kinds]) =>
    kinds.map(([action, kind]) => childScenario(table as ChildTable, action, kind)),
  ),
  batch,
];
