import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { WorkerDeploymentVersion } from '@temporalio/common';
import type { WorkerOptions } from '@temporalio/worker';
import { programVersion } from '../../config/installation.ts';
import type { Settings } from '../../config/settings.ts';
import { bundlePath, bundleSources } from '../workflow-bundle.ts';

type WorkflowBundle = NonNullable<WorkerOptions['workflowBundle']>;

/** The flows that a worker runs and replays, and the name under which Temporal knows them. */
export interface WorkerBuild {
  readonly workflowBundle: WorkflowBundle;
  readonly version: WorkerDeploymentVersion;
}

export type BuildSettings = Pick<Settings, 'taskQueue' | 'workerBuildId'>;

/** Reads the bundle that the build made; without one, bundles the sources, which takes a second. */
export async function openBuild({ taskQueue, workerBuildId }: BuildSettings): Promise<WorkerBuild> {
  const { workflowBundle, code } = await readBundle();
  const buildId = workerBuildId === '' ? buildIdOf(code, programVersion()) : workerBuildId;
  return { workflowBundle, version: { deploymentName: deploymentNameOf(taskQueue), buildId } };
}

async function readBundle(): Promise<{ workflowBundle: WorkflowBundle; code: string }> {
  if (existsSync(bundlePath)) {
    return { workflowBundle: { codePath: bundlePath }, code: await readFile(bundlePath, 'utf8') };
  }
  const workflowBundle = await bundleSources();
  return { workflowBundle, code: workflowBundle.code };
}

const sourceMap = '//# sourceMappingURL=';

/** The version of the program and a hash of the code of its flows: what decides whether a history replays. */
export function buildIdOf(code: string, version: string): string {
  // The source map names the folder of the build.
  const end = code.lastIndexOf(sourceMap);
  const executed = end === -1 ? code : code.slice(0, end);
  return `${version}-${createHash('sha256').update(executed).digest('hex').slice(0, 12)}`;
}

/** Temporal takes neither a dot nor a colon in it (temporalio/temporal: common/worker_versioning). */
function deploymentNameOf(taskQueue: string): string {
  return taskQueue.replaceAll(/[.:]/g, '-');
}

/** What makes a worker take only runs of its own build, and new ones while its build is the current one. */
export function versionedBy({ version, workflowBundle }: WorkerBuild): Partial<WorkerOptions> {
  return {
    workflowBundle,
    workerDeploymentOptions: { version, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' },
  };
}
