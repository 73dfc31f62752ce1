import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { askForBuildSlot } from '../../db/build-queue.ts';
import { insertAmphora } from '../../db/lifecycle/amphora.ts';
import { buildPriority } from '../../model/build-priority.ts';
import { startCloud, type Cloud } from './support/cloud.ts';
import { requestLoadBalancer } from './support/operations.ts';
import { start, type Started } from './support/run.ts';
import { leftovers } from './support/slate.ts';
import { statusOf } from './support/statuses.ts';
import { untilTrue } from './support/stuck.ts';
import { anything } from './support/trouble.ts';

const hastySec = 4;

const waitingAtMost = (buildRetryIntervalSec: number): Promise<Cloud> =>
  startCloud({ buildRateLimit: 1, buildActiveRetries: 1, buildRetryIntervalSec }, undefined, { heartbeatEveryMs: 200 });

/** Longer than any test. */
let patient: Cloud;
let hasty: Cloud;
beforeAll(async () => {
  patient = await waitingAtMost(600);
  hasty = await waitingAtMost(hastySec);
});
afterAll(() => Promise.all([patient.stop(), hasty.stop()]));

const booting = 'b0075000-0000-4000-8000-000000000000';

/** A machine that boots for as long as the test runs, so that the one place is taken. */
async function takeThePlace(cloud: Cloud): Promise<void> {
  onTestFinished(() => freeThePlace(cloud));
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

async function freeThePlace(cloud: Cloud): Promise<void> {
  await cloud.database.db.deleteFrom('amphora').where('id', '=', booting).execute();
}

async function begin(
  cloud: Cloud,
  beforehand: (loadBalancerId: string) => void = () => undefined,
): Promise<Started & { readonly loadBalancerId: string }> {
  const operation = await requestLoadBalancer(cloud.database.db, await cloud.newSubnet());
  const { load_balancer_id: loadBalancerId } = operation;
  beforehand(loadBalancerId);
  return { ...(await start(cloud, operation)), loadBalancerId };
}

interface Place {
  readonly amphora_id: string;
  readonly taken_at: string | null;
}

const places = (cloud: Cloud): Promise<Place[]> =>
  cloud.database.db.selectFrom('build_slot').select(['amphora_id', 'taken_at']).orderBy('requested_at').execute();

/** Once two are in the queue: when the second asked and has no place. */
async function someoneWaits(cloud: Cloud): Promise<void> {
  await untilTrue('two are in the queue', async () => (await places(cloud)).length === 2);
  const [, waiting] = await places(cloud);
  expect(waiting?.taken_at).toBeNull();
}

describe('with a limit on machines that boot', () => {
  test('a creation waits for its turn and leaves the queue when its machine runs', async () => {
    await takeThePlace(patient);
    const { ended, loadBalancerId } = await begin(patient);
    await someoneWaits(patient);
    await freeThePlace(patient);
    expect((await ended()).failure).toBeNull();
    expect(await statusOf(patient, loadBalancerId)).toBe('ACTIVE');
    expect(await places(patient)).toEqual([]);
  });

  test('a creation whose turn does not come fails, leaves nothing, and leaves the others in the queue', async () => {
    await takeThePlace(hasty);
    const { ended, loadBalancerId } = await begin(hasty);
    expect((await ended()).failure).toContain(`waited ${hastySec} s for its turn to boot`);
    expect(await statusOf(hasty, loadBalancerId)).toBe('ERROR');
    expect(await leftovers(hasty, loadBalancerId)).toEqual([]);
    expect((await places(hasty)).map(({ amphora_id: id }) => id)).toEqual([booting]);
  });
});

describe('a creation that is cancelled', () => {
  const inPeace = { cancelled: true, left: [] };

  /** Cancels it, and says how it ended. What it waits for would come, or be given up, only after the test. */
  async function endOf({ workflowId, ended, loadBalancerId }: Awaited<ReturnType<typeof begin>>) {
    await patient.client.workflow.getHandle(workflowId).cancel();
    const { cancelled } = await ended();
    return { cancelled, left: await leftovers(patient, loadBalancerId) };
  }

  test('while it waits for its turn leaves the queue', async () => {
    await takeThePlace(patient);
    const creation = await begin(patient);
    await someoneWaits(patient);
    expect(await endOf(creation)).toEqual(inPeace);
    expect((await places(patient)).map(({ amphora_id: id }) => id)).toEqual([booting]);
  });

  test('while its machine boots does not wait for it', async () => {
    const { slow } = patient.world;
    const creation = await begin(patient, (loadBalancerId) => slow.add(loadBalancerId));
    const machines = (): readonly string[] => patient.world.machinesOf(creation.loadBalancerId);
    await untilTrue('there is a machine', () => Promise.resolve(machines().length === 1));
    expect(await endOf(creation)).toEqual(inPeace);
  });

  test('while its agent is silent does not wait for it', async () => {
    const { troubles } = patient.world;
    onTestFinished(troubles.order('amphora.info', anything, { how: 'refuse', error: 'AmphoraUnreachable' }));
    const creation = await begin(patient);
    const asks = (step: string): boolean => step.startsWith('awaitAgent(');
    await untilTrue('the agent is asked', () => Promise.resolve(creation.injector.steps.some(asks)));
    expect(await endOf(creation)).toEqual(inPeace);
  });
});
