import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { askForBuildSlot, leaveBuildQueue } from '../../db/build-queue.ts';
import { insertAmphora } from '../../db/lifecycle/amphora.ts';
import type { OperationRow } from '../../db/schema.ts';
import { buildPriority } from '../../model/build-priority.ts';
import { startOptions } from '../../temporal/open.ts';
import { reasonOf } from '../../workflows/failure.ts';
import { startCloud, type Cloud } from './support/cloud.ts';
import { requestLoadBalancer } from './support/operations.ts';
import { leftovers } from './support/slate.ts';
import { statusOf } from './support/statuses.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud({ buildRateLimit: 1, buildActiveRetries: 1, buildRetryIntervalSec: 4 });
});
afterAll(() => cloud.stop());
beforeEach(() => cloud.database.db.deleteFrom('build_slot').execute());

const booting = 'b0075000-0000-4000-8000-000000000000';

/** A machine that boots and never ends, so that the one place is taken. */
async function takeThePlace(): Promise<void> {
  const { db } = cloud.database;
  const { load_balancer_id: loadBalancerId } = await requestLoadBalancer(db, await cloud.newSubnet());
  await db.transaction().execute((tx) =>
    insertAmphora(tx, {
      id: booting,
      loadBalancerId,
      role: 'STANDALONE',
      computeHost: null,
      certExpiration: '2100-01-01T00:00:00Z',
      sealedPem: 'sealed',
    }),
  );
  await askForBuildSlot(db, { amphoraId: booting, priority: buildPriority.create, limit: 1 });
}

async function freeThePlace(): Promise<void> {
  await cloud.database.db.deleteFrom('amphora').where('id', '=', booting).execute();
}

async function begin(): Promise<{
  operation: OperationRow;
  ended: Promise<string | null>;
  cancel: () => Promise<unknown>;
}> {
  const operation = await requestLoadBalancer(cloud.database.db, await cloud.newSubnet());
  const options = startOptions(operation, { taskQueue: cloud.taskQueue, networkDriver: 'linux' });
  const handle = await cloud.client.workflow.start('createLoadBalancer', options);
  const ended = handle.result().then(
    () => null,
    (error: unknown) => reasonOf(error),
  );
  return { operation, ended, cancel: () => handle.cancel() };
}

interface Place {
  readonly amphora_id: string;
  readonly taken_at: string | null;
}

const places = (): Promise<Place[]> =>
  cloud.database.db.selectFrom('build_slot').select(['amphora_id', 'taken_at']).orderBy('requested_at').execute();

/** The queue, once it is `count` long. */
async function queueOf(count: number): Promise<readonly Place[]> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const found = await places();
    if (found.length === count) return found;
    if (Date.now() > deadline) throw new Error(`the queue has ${found.length} places, not ${count}`);
    await sleep(50);
  }
}

describe('with a limit on machines that boot', () => {
  test('a creation waits for its turn and leaves the queue when its machine runs', async () => {
    await takeThePlace();
    const { ended, operation } = await begin();
    const [, waiting] = await queueOf(2);
    expect(waiting?.taken_at).toBeNull();
    await freeThePlace();
    expect(await ended).toBeNull();
    expect(await statusOf(cloud, operation.load_balancer_id)).toBe('ACTIVE');
    expect(await places()).toEqual([]);
  });

  test('a creation whose turn does not come fails, leaves nothing, and leaves the others in the queue', async () => {
    await takeThePlace();
    const { ended, operation } = await begin();
    expect(await ended).toContain('waited 4 s for its turn to boot');
    expect(await statusOf(cloud, operation.load_balancer_id)).toBe('ERROR');
    expect(await leftovers(cloud, operation.load_balancer_id)).toEqual([]);
    expect((await places()).map(({ amphora_id: id }) => id)).toEqual([booting]);
    await leaveBuildQueue(cloud.database.db, booting);
    await freeThePlace();
  });

  test('a creation that is cancelled while it waits leaves the queue', async () => {
    await takeThePlace();
    const { ended, cancel, operation } = await begin();
    await queueOf(2);
    await cancel();
    expect(await ended).not.toBeNull();
    expect((await places()).map(({ amphora_id: id }) => id)).toEqual([booting]);
    expect(await leftovers(cloud, operation.load_balancer_id)).toEqual([]);
    await freeThePlace();
  });
});
