import type { Client } from '@temporalio/client';
import { expect, test } from 'vitest';
import { buildsAtWork } from '../../worker/deployment/at-work.ts';

const grpcError = (code: number): Error =>
  Object.assign(new Error('method ListWorkers not supported'), { code, details: 'ListWorkers', metadata: {} });

/** A server that keeps no heartbeats of workers and knows one poller, of build `old`. */
function serverWithout(heartbeats: Error): Client {
  const lastAccessTime = { seconds: Date.now() / 1_000, nanos: 0 };
  const deploymentOptions = { deploymentName: 'weir', buildId: 'old' };
  return {
    options: { namespace: 'default' },
    workflowService: {
      describeTaskQueue: () => Promise.resolve({ pollers: [{ identity: 'one', lastAccessTime, deploymentOptions }] }),
      listWorkers: () => Promise.reject(heartbeats),
    },
  } as unknown as Client;
}

test('where the server keeps no heartbeats of workers, their polls say which builds are at work', async () => {
  const unimplemented = grpcError(12);
  expect(await buildsAtWork(serverWithout(unimplemented), 'weir', 'weir')).toEqual(new Set(['old']));
});

test('another failure of the server is none of that', async () => {
  const unavailable = grpcError(14);
  await expect(buildsAtWork(serverWithout(unavailable), 'weir', 'weir')).rejects.toBe(unavailable);
});
