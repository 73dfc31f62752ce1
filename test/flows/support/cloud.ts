import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  Worker,
  type WorkerOptions,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { createControlActivities, createMachineActivities } from '../../../activities/activities.ts';
import { hostTaskQueue } from '../../../activities/placement.ts';
import { createLogger } from '../../../config/log.ts';
import { loadSettings, type Settings } from '../../../config/settings.ts';
import type { Sealer } from '../../../drivers/certificates/sealing.ts';
import { openNetworkDriver } from '../../../drivers/network/open.ts';
import { createNetwork, createSubnet } from '../../../drivers/network/provision.ts';
import { fenceInterceptor } from '../../../worker/fence.ts';
import { failureInterceptor } from '../../../worker/interceptor.ts';
import { connect } from '../../../worker/runtime.ts';
import { workflowInterceptorModules, workflowsPath } from '../../../worker/workflow-bundle.ts';
import { freshDatabase, type TestDatabase } from '../../support/postgres.ts';
import { testTemporal, type TestTemporalAddress } from '../../support/temporal.ts';
import { Injectors } from './injector.ts';
import { World } from './world.ts';

// A process has one runtime, and this is where a test file gets its own.
Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });

/** A control plane for flow tests: a real database, a real Temporal server with a worker, and a simulated world. */
export interface Cloud {
  readonly database: TestDatabase;
  readonly world: World;
  readonly client: Client;
  readonly taskQueue: string;
  readonly namespace: string;
  readonly injectors: Injectors;
  readonly settings: Settings;
  readonly workflowBundle: WorkflowBundleWithSourceMap;
  /** The steps themselves, to be called without a workflow. */
  readonly activities: ReturnType<typeof createControlActivities> & ReturnType<typeof createMachineActivities>;
  /** Starts the worker of a compute host, as `weir host` does. Returns how to stop it. */
  startHost(name: string): Promise<() => Promise<void>>;
  /** A network of its own with one subnet; returns the subnet's id. */
  newSubnet(): Promise<string>;
  /** Another subnet of the same network; returns its id. */
  anotherSubnet(subnetId: string): Promise<string>;
  stop(): Promise<void>;
}

/** What a test brings itself; the run's own servers, and a sealer that never fails, where it does not. */
export interface Surroundings {
  readonly database?: TestDatabase;
  readonly temporal?: TestTemporalAddress;
  readonly sealer?: Sealer;
  /**
   * How often the worker sends on what a step says of itself at most, if not four times in five of the time after which it counts
   * as lost: a step hears with the answer that it is cancelled.
   */
  readonly heartbeatEveryMs?: number;
}

const plainSealer: Sealer = { seal: (text) => `sealed ${text}`, unseal: (text) => text.slice('sealed '.length) };

/** Starts one for a test file, with settings other than the tests' own if some are given. `workflows` is the file that exports the flows. */
export async function startCloud(
  changes: Partial<Settings> = {},
  workflows = workflowsPath,
  surroundings: Surroundings = {},
): Promise<Cloud> {
  const database = surroundings.database ?? (await freshDatabase());
  const { address, namespace } = surroundings.temporal ?? (await testTemporal());
  const taskQueue = `weir-${randomUUID()}`;
  const settings = loadSettings(
    {},
    {
      taskQueue,
      temporalAddress: address,
      computeDriver: 'noop',
      databaseUrl: database.url,
      heartbeatKey: 'key',
      ...changes,
    },
  );
  const { heartbeatEveryMs } = surroundings;
  const log = createLogger('test', 'silent');
  const connection = await connect(settings, log, AbortSignal.timeout(60_000));
  if (connection === null) throw new Error('Temporal did not start');
  const world = new World();
  const client = new Client({ connection, namespace });
  const injectors = new Injectors(async (id) => void (await client.workflow.getHandle(id).cancel()));
  const { db } = database;
  const deps = {
    db,
    settings,
    sealer: surroundings.sealer ?? plainSealer,
    network: world.troubles.wrap('network', openNetworkDriver({ networkDriver: 'linux' }, db)),
    compute: world.compute,
    amphora: world.amphora,
    certificates: world.certificates,
  };
  const activities = { ...createControlActivities(deps), ...createMachineActivities(deps) };
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: workflows,
    workflowInterceptorModules: [...workflowInterceptorModules],
    logger: new DefaultLogger('ERROR'),
  });
  const interceptors = { activity: [injectors.interceptor, failureInterceptor(log), fenceInterceptor(db)] };
  const work = async (options: Pick<WorkerOptions, 'taskQueue' | 'workflowBundle' | 'activities'>) => {
    const worker = await Worker.create({
      connection,
      namespace,
      interceptors,
      shutdownForceTime: '2s',
      ...(heartbeatEveryMs !== undefined && { maxHeartbeatThrottleInterval: heartbeatEveryMs }),
      ...options,
    });
    const running = worker.run();
    return async (): Promise<void> => {
      worker.shutdown();
      await running;
    };
  };
  const stopWorker = await work({ taskQueue, workflowBundle, activities });
  return {
    database,
    world,
    client,
    taskQueue,
    namespace,
    injectors,
    settings,
    workflowBundle,
    activities,
    startHost: (name) => work({ taskQueue: hostTaskQueue(name), activities: createMachineActivities(deps) }),
    newSubnet: () => newSubnet(db),
    anotherSubnet: (subnetId) => anotherSubnet(db, subnetId),
    stop: async () => {
      await stopWorker();
      await connection.close();
      await database.drop();
    },
  };
}

async function anotherSubnet(db: TestDatabase['db'], id: string): Promise<string> {
  const known = await db.selectFrom('subnet').select('network_id').where('id', '=', id).executeTakeFirstOrThrow();
  const networkId = known.network_id;
  const subnet = await createSubnet(db, { networkId, name: 'tenant 2', projectId: null, cidr: '10.12.0.0/24' });
  return subnet.id;
}

async function newSubnet(db: TestDatabase['db']): Promise<string> {
  const { id: networkId } = await createNetwork(db, { name: 'tenant', projectId: null });
  const subnet = await createSubnet(db, { networkId, name: 'tenant', projectId: null, cidr: '10.11.0.0/24' });
  return subnet.id;
}
