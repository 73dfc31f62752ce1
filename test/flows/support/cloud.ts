import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { createControlActivities, createMachineActivities } from '../../../activities/activities.ts';
import { createLogger } from '../../../config/log.ts';
import { loadSettings } from '../../../config/settings.ts';
import { openNetworkDriver } from '../../../drivers/network/open.ts';
import { createNetwork, createSubnet } from '../../../drivers/network/provision.ts';
import { failureInterceptor } from '../../../worker/interceptor.ts';
import { connect } from '../../../worker/runtime.ts';
import { workflowsPath } from '../../../worker/workflow-bundle.ts';
import { freshDatabase, type TestDatabase } from '../../support/postgres.ts';
import { testTemporal } from '../../support/temporal.ts';
import { Injectors } from './injector.ts';
import { Refusals } from './refusals.ts';
import { World } from './world.ts';

/** A control plane for flow tests: a real database, a real Temporal server with a worker, and a simulated world. */
export interface Cloud {
  readonly database: TestDatabase;
  readonly world: World;
  readonly client: Client;
  readonly taskQueue: string;
  readonly injectors: Injectors;
  /** What the compute and network drivers refuse to do. */
  readonly refusals: Refusals;
  /** A network of its own with one subnet; returns the subnet's id. */
  newSubnet(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts one for a test file. */
export async function startCloud(): Promise<Cloud> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const database = await freshDatabase();
  const { address, namespace } = await testTemporal();
  const taskQueue = `weir-${randomUUID()}`;
  const settings = loadSettings(
    {},
    { taskQueue, temporalAddress: address, computeDriver: 'noop', databaseUrl: database.url, heartbeatKey: 'key' },
  );
  const log = createLogger('test', 'silent');
  const connection = await connect(settings, log, AbortSignal.timeout(60_000));
  if (connection === null) throw new Error('Temporal did not start');
  const world = new World();
  const injectors = new Injectors();
  const refusals = new Refusals();
  const { db } = database;
  const deps = {
    db,
    settings,
    sealer: { seal: (text: string) => `sealed ${text}`, unseal: (text: string) => text.slice('sealed '.length) },
    network: refusals.over(openNetworkDriver({ networkDriver: 'linux' }, db)),
    compute: refusals.over(world.compute),
    amphora: world.amphora,
    certificates: world.certificates,
  };
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowBundle: await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') }),
    activities: { ...createControlActivities(deps), ...createMachineActivities(deps) },
    interceptors: { activity: [failureInterceptor(log), injectors.interceptor] },
    shutdownForceTime: '2s',
  });
  const running = worker.run();
  return {
    database,
    world,
    client: new Client({ connection, namespace }),
    taskQueue,
    injectors,
    refusals,
    newSubnet: () => newSubnet(db),
    stop: async () => {
      worker.shutdown();
      await running;
      await connection.close();
      await database.drop();
    },
  };
}

async function newSubnet(db: TestDatabase['db']): Promise<string> {
  const { id: networkId } = await createNetwork(db, { name: 'tenant', projectId: null });
  const subnet = await createSubnet(db, { networkId, name: 'tenant', projectId: null, cidr: '10.11.0.0/24' });
  return subnet.id;
}
