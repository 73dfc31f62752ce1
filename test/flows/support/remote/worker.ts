/**
 * A control plane's worker in a process of its own, so that it can be killed or frozen. Its drivers are those of the test that
 * started it, and it asks that test before each try of a step and after it.
 */
import { DefaultLogger, NativeConnection, Runtime, Worker, type ActivityInterceptorsFactory } from '@temporalio/worker';
import { createControlActivities, createMachineActivities } from '../../../../activities/activities.ts';
import { createLogger } from '../../../../config/log.ts';
import { loadSettings } from '../../../../config/settings.ts';
import { openDatabase } from '../../../../db/database.ts';
import type { AmphoraDriver } from '../../../../drivers/amphora/contract.ts';
import type { CertificateAuthority } from '../../../../drivers/certificates/contract.ts';
import type { ComputeDriver } from '../../../../drivers/compute/contract.ts';
import { openNetworkDriver } from '../../../../drivers/network/open.ts';
import { fenceInterceptor } from '../../../../worker/fence.ts';
import { failureInterceptor } from '../../../../worker/interceptor.ts';
import { unpacked, type Answer, type WorkerOrders } from './protocol.ts';

// Without the test there is nothing to work for.
process.on('disconnect', () => process.exit(0));

const waiting = new Map<number, (answer: Answer) => void>();
process.on('message', (answer: Answer) => {
  waiting.get(answer.id)?.(answer);
  waiting.delete(answer.id);
});

function ask(to: string, method: string, args: readonly unknown[]): Promise<unknown> {
  const id = waiting.size === 0 ? 1 : Math.max(...waiting.keys()) + 1;
  return new Promise((resolve, reject) => {
    waiting.set(id, ({ result, error }) => (error === undefined ? resolve(result) : reject(unpacked(error))));
    process.send?.({ id, to, method, args });
  });
}

const remote = (to: string): object =>
  new Proxy(
    {},
    {
      get:
        (_, method) =>
        (...args: unknown[]) =>
          ask(to, String(method), args),
    },
  );

const asking: ActivityInterceptorsFactory = ({ info }) => ({
  inbound: {
    execute: async (input, next) => {
      const { activityType: activity, activityId, isLocal, workflowExecution } = info;
      const about = [workflowExecution?.workflowId ?? '', { activity, activityId, isLocal, args: input.args }];
      const entered = await ask('gate', 'enter', about);
      try {
        return await next(input);
      } finally {
        await ask('gate', 'leave', [...about, entered]);
      }
    },
  },
});

const orders = JSON.parse(process.argv[2] ?? '') as WorkerOrders;
Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
const { address, namespace, taskQueue, databaseUrl, bundlePath } = orders;
const settings = loadSettings(
  {},
  { taskQueue, temporalAddress: address, computeDriver: 'noop', databaseUrl, heartbeatKey: 'key' },
);
const db = openDatabase({
  url: databaseUrl,
  maxConnections: 20,
  applicationName: 'weir worker under test',
  connectionTimeoutMs: 10_000,
});
const deps = {
  db,
  settings,
  sealer: { seal: (text: string) => `sealed ${text}`, unseal: (text: string) => text.slice('sealed '.length) },
  network: openNetworkDriver({ networkDriver: 'linux' }, db),
  compute: remote('compute') as ComputeDriver,
  amphora: remote('amphora') as AmphoraDriver,
  certificates: remote('certificates') as CertificateAuthority,
};
const log = createLogger('worker under test', 'silent');
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address }),
  namespace,
  taskQueue,
  workflowBundle: { codePath: bundlePath },
  activities: { ...createControlActivities(deps), ...createMachineActivities(deps) },
  interceptors: { activity: [failureInterceptor(log), fenceInterceptor(db), asking] },
  // Hundreds of steps are held at the same time.
  maxConcurrentActivityTaskExecutions: 1_000,
  maxConcurrentLocalActivityExecutions: 1_000,
  maxConcurrentWorkflowTaskExecutions: 1_000,
  maxCachedWorkflows: 1_000,
});
process.send?.({ id: 0, to: 'gate', method: 'ready', args: [] });
await worker.run();
