import { randomUUID } from 'node:crypto';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import type { WorkerOptions } from '@temporalio/worker';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { until } from '../../../cli/process/until.ts';
import { loadSettings, type Settings } from '../../../config/settings.ts';
import type { OperationInput } from '../../../model/operation.ts';
import { versionedBy, type WorkerBuild } from '../../../worker/deployment/build.ts';
import { createRolloutMetrics } from '../../../worker/deployment/metrics.ts';
import { startRollout } from '../../../worker/deployment/rollout.ts';
import { connect, installRuntime, runWorkerUntil } from '../../../worker/runtime.ts';
import { testTemporal } from '../../support/temporal.ts';

export interface FleetWorker {
  /** The lines of its log that are errors. */
  errors(): readonly Record<string, unknown>[];
  /** Its /metrics. */
  metrics(): Promise<string>;
  /** SIGTERM's way: resolves when it has drained. */
  stop(): Promise<void>;
}

type Steps = NonNullable<WorkerOptions['activities']>;

/** Workers on one task queue of the run's Temporal server, each with a build and steps of its own. */
export class Fleet {
  readonly taskQueue = `weir-${randomUUID()}`;
  readonly client: Client;
  readonly #settings: Settings;
  readonly #workers: FleetWorker[] = [];

  private constructor(client: Client, settings: Settings) {
    this.client = client;
    this.#settings = settings;
  }

  static async open(): Promise<Fleet> {
    const { address, namespace } = await testTemporal();
    const settings = loadSettings({}, { temporalAddress: address, gracefulShutdownTimeoutSec: 1 });
    return new Fleet(new Client({ connection: await Connection.connect({ address }), namespace }), settings);
  }

  /** Starts a worker and waits until work can reach it. Without a build it is not versioned; then `options` has its flows. */
  async start(steps: Steps, build?: WorkerBuild, options: Partial<WorkerOptions> = {}): Promise<FleetWorker> {
    const { client, taskQueue } = this;
    const stopped = new AbortController();
    const lines: Record<string, unknown>[] = [];
    const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>);
    const log = pino({ level: 'error' }, { write });
    const registry = new Registry();
    const metrics = createRolloutMetrics(registry);
    const rollout =
      build === undefined ? undefined : startRollout({ client, build, taskQueue, log, metrics, lookMs: 200 });
    const connection = await connect(this.#settings, log, stopped.signal);
    if (connection === null) throw new Error('Temporal is not there');
    const running = runWorkerUntil(
      {
        connection,
        namespace: client.options.namespace,
        taskQueue,
        ...(build !== undefined && versionedBy(build)),
        activities: steps,
        identity: `worker ${randomUUID()}`,
        workflowThreadPoolSize: 1,
        ...options,
      },
      this.#settings,
      log,
      stopped.signal,
      rollout?.settled,
    );
    const end = async (): Promise<void> => {
      stopped.abort();
      await rollout?.stop();
      await running;
      await connection.close();
    };
    let ended: Promise<void> | undefined;
    const worker: FleetWorker = {
      errors: () => lines,
      metrics: () => registry.metrics(),
      stop: () => (ended ??= end()),
    };
    this.#workers.push(worker);
    await rollout?.settled;
    return worker;
  }

  /** Starts a run as the API does. */
  run(kind: string, host = ''): Promise<WorkflowHandle> {
    const id = randomUUID();
    const input: OperationInput = {
      operationId: id,
      loadBalancerId: id,
      resourceId: id,
      sequence: 1,
      quickNetwork: true,
      arguments: { host },
    };
    return this.client.workflow.start(kind, { taskQueue: this.taskQueue, workflowId: `lb/${id}/1`, args: [input] });
  }

  /** The build that a run is pinned to; undefined while it is to none. */
  async buildOf({ workflowId }: WorkflowHandle): Promise<string | undefined> {
    const { raw } = await this.client.workflow.getHandle(workflowId).describe();
    const info = raw.workflowExecutionInfo?.versioningInfo;
    const override = info?.versioningOverride?.pinned?.version?.buildId;
    return override ?? info?.deploymentVersion?.buildId ?? undefined;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    await this.client.connection.close();
  }
}

/** Keeps the SDK's own messages to itself; once in a test file. */
export async function quietRuntime(): Promise<void> {
  await installRuntime(pino({ level: 'silent' }), false);
}

/** Waits until something holds, 30 s at most. */
export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  if ((await until(holds, 30_000, 50)) !== true) throw new Error('it did not come about in 30 s');
}
