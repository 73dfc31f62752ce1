import type { Client } from '@temporalio/client';
import type { WorkerOptions } from '@temporalio/worker';
import type { Registry } from 'prom-client';
import type { Logger } from '../../config/log.ts';
import type { Settings } from '../../config/settings.ts';
import { workflowSource } from '../runtime.ts';
import { openBuild, versionedBy } from './build.ts';
import { createRolloutMetrics } from './metrics.ts';
import { startRollout } from './rollout.ts';

export interface RolloutContext {
  readonly client: Client;
  readonly settings: Pick<Settings, 'taskQueue' | 'workerBuildId' | 'workerVersioning'>;
  readonly log: Logger;
  readonly registry: Registry;
  /** Ends the rollout: a worker that drains takes over nothing. */
  readonly signal: AbortSignal;
}

export interface OpenRollout {
  /** What the worker runs, and how it is known. */
  readonly options: Partial<WorkerOptions>;
  /** Resolves when work can reach the worker that runs. */
  readonly settled: Promise<void>;
  stop(): Promise<void>;
}

/** The flows of a worker, and their way into service; without WEIR_WORKER_VERSIONING they take whatever comes. */
export async function openRollout({ client, settings, log, registry, signal }: RolloutContext): Promise<OpenRollout> {
  if (!settings.workerVersioning)
    return { options: workflowSource(), settled: Promise.resolve(), stop: () => Promise.resolve() };
  const build = await openBuild(settings);
  log.info({ build: build.version.buildId }, 'build of the flows');
  const { taskQueue } = settings;
  const rollout = startRollout({ client, build, taskQueue, log, metrics: createRolloutMetrics(registry) });
  signal.addEventListener('abort', () => void rollout.stop(), { once: true });
  return { ...rollout, options: versionedBy(build) };
}
