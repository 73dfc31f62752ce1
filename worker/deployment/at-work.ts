import type { Client } from '@temporalio/client';
import { answered, grpc } from './grpc.ts';

/** How often our workers tell Temporal that they live. */
export const workerHeartbeatMs = 5_000;
/** A worker that missed three heartbeats was killed. */
const longestSilenceMs = 4 * workerHeartbeatMs;
/** A poll ends after a minute and is noted at its beginning and end (Temporal: matching.longPollExpirationInterval). */
const longestPollMs = 70_000;
const workflowTaskQueue = 1;
const running = 1;

/**
 * The builds of a deployment that have workers on the task queue: by the heartbeats of the workers, or by their polls where
 * the server keeps no heartbeats. A worker that drains counts no longer, a killed one for 20 s.
 */
export async function buildsAtWork(
  client: Client,
  deploymentName: string,
  taskQueue: string,
): Promise<ReadonlySet<string>> {
  const { namespace } = client.options;
  const [{ pollers }, workersInfo] = await Promise.all([
    client.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: taskQueue },
      taskQueueType: workflowTaskQueue,
    }),
    heartbeatsOf(client, taskQueue),
  ]);
  const workers = workersInfo.map(({ workerHeartbeat }) => ({
    identity: workerHeartbeat?.workerIdentity,
    buildId: workerHeartbeat?.deploymentVersion?.buildId,
    lives:
      (workerHeartbeat?.status as number) === running && isWithin(longestSilenceMs, workerHeartbeat?.heartbeatTime),
  }));
  const isKnown = (poller: (typeof pollers)[number]): boolean =>
    workers.some(
      ({ identity, buildId }) => identity === poller.identity && buildId === poller.deploymentOptions?.buildId,
    );
  const unknown = pollers.filter(
    (poller) =>
      poller.deploymentOptions?.deploymentName === deploymentName &&
      !isKnown(poller) &&
      isWithin(longestPollMs, poller.lastAccessTime),
  );
  return new Set([
    ...workers.flatMap(({ buildId, lives }) => (lives ? [buildId ?? ''] : [])),
    ...unknown.map(({ deploymentOptions }) => deploymentOptions?.buildId ?? ''),
  ]);
}

type Workers = Awaited<ReturnType<Client['workflowService']['listWorkers']>>['workersInfo'];

/** The heartbeats of the workers; none on a server before 1.30, or where `frontend.ListWorkersEnabled` is off. */
async function heartbeatsOf({ workflowService, options: { namespace } }: Client, taskQueue: string): Promise<Workers> {
  try {
    const query = `TaskQueue='${taskQueue}'`;
    return (await workflowService.listWorkers({ namespace, query, pageSize: 1_000 })).workersInfo;
  } catch (error) {
    if (answered(error, grpc.unimplemented)) return [];
    throw error;
  }
}

/** A time of protobuf: seconds and nanoseconds since 1970. */
export interface Timestamp {
  readonly seconds?: unknown;
  readonly nanos?: number | null;
}

/** Whether it was within the last `ms`. */
export function isWithin(ms: number, time: Timestamp | null | undefined): boolean {
  const at = Number(time?.seconds ?? 0) * 1_000 + (time?.nanos ?? 0) / 1_000_000;
  return at > Date.now() - ms;
}
