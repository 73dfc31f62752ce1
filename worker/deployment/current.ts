import type { Client } from '@temporalio/client';
import type { WorkerDeploymentVersion } from '@temporalio/common';
import { isWithin, workerHeartbeatMs } from './at-work.ts';
import { answered, grpc } from './grpc.ts';

/**
 * Where our build stands: `current` (new runs come to it), `superseded` (they go to a newer one that is at work), or
 * `unregistered` (Temporal has not yet seen it poll for all kinds of work).
 */
export type Standing = 'current' | 'superseded' | 'unregistered';

const justMs = 2 * workerHeartbeatMs;

/**
 * Makes our build the one that new runs go to. A build that was current before and was replaced comes back only when nobody
 * works for the one that replaced it: so a restarted old worker takes nothing back in the middle of a rolling upgrade.
 */
export async function takePlace(
  client: Client,
  { deploymentName, buildId }: WorkerDeploymentVersion,
  atWork: () => Promise<ReadonlySet<string>>,
): Promise<Standing> {
  const { namespace } = client.options;
  const deployment = await describe(client, deploymentName);
  const own = deployment?.workerDeploymentInfo?.versionSummaries?.find(
    ({ deploymentVersion }) => deploymentVersion?.buildId === buildId,
  );
  if (deployment === null || own === undefined) return 'unregistered';
  const routing = deployment.workerDeploymentInfo?.routingConfig;
  const current = routing?.currentDeploymentVersion?.buildId;
  if (current === buildId) return 'current';
  const replaced = own.lastCurrentTime !== undefined && own.lastCurrentTime !== null;
  if (replaced && typeof current === 'string') {
    // Whoever made it current polled then; its first heartbeat may be under way.
    const justReplaced = isWithin(justMs, routing?.currentVersionChangedTime);
    if (justReplaced || (await atWork()).has(current)) return 'superseded';
  }
  try {
    await client.workflowService.setWorkerDeploymentCurrentVersion({
      namespace,
      deploymentName,
      buildId,
      conflictToken: deployment.conflictToken,
      identity: client.options.identity,
    });
    return 'current';
  } catch (error) {
    // It polls for one kind of work and not yet for the other, or somebody else changed the deployment just now.
    if (answered(error, grpc.failedPrecondition)) return 'unregistered';
    throw error;
  }
}

type Description = Awaited<ReturnType<Client['workflowService']['describeWorkerDeployment']>>;

/** Null while no worker of the deployment has ever polled. */
async function describe(client: Client, deploymentName: string): Promise<Description | null> {
  try {
    const { namespace } = client.options;
    return await client.workflowService.describeWorkerDeployment({ namespace, deploymentName });
  } catch (error) {
    if (answered(error, grpc.notFound)) return null;
    throw error;
  }
}
