import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { OperationRow } from '../../../db/schema.ts';
import { openSealer, UnsealFailed } from '../../../drivers/certificates/sealing.ts';
import { defaultRetries } from '../../../model/retries.ts';
import { startCloud, type Cloud } from '../support/cloud.ts';
import { operationRow } from '../support/operations.ts';
import { undeletable, wrongAfterFailure, wrongAfterSuccess } from '../support/proofs/verdict.ts';
import { run } from '../support/run.ts';
import { nameOf, scenarios, type Scenario } from '../support/scenario.ts';

/** Once true, nothing that was sealed can be opened, and nothing can be sealed. */
let keyIsGone = false;
/** What can be sealed is of no use to a worker with this key. */
let otherKey: ReturnType<typeof openSealer> | null = null;
const sealer = {
  seal: (text: string): string => guarded(`sealed ${text}`),
  unseal: (text: string): string => (otherKey === null ? guarded(text.slice('sealed '.length)) : otherKey.unseal(text)),
};
function guarded(text: string): string {
  if (keyIsGone) throw new Error('the secret key is gone');
  return text;
}

/** No driver names a connection that broke. */
const connectionLost = new Error('the connection broke');

let cloud: Cloud;
beforeAll(async () => {
  const quick = { computeMaxRetries: 3, computeRetryIntervalSec: 1, computeRetryMaxSec: 1 };
  cloud = await startCloud(quick, undefined, { sealer });
});
afterAll(() => cloud.stop());
afterEach(() => {
  keyIsGone = false;
  otherKey = null;
});

const scenario = (name: string): Scenario => {
  const found = scenarios.find((one) => nameOf(one) === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
};

const machinesAtHand = (operation: OperationRow): number => cloud.world.machinesOf(operation.load_balancer_id).length;

describe('a compute API that accepts the boot and loses the reply', () => {
  const shapes = [
    { name: 'createLoadBalancer, SINGLE', made: 1 },
    { name: 'createLoadBalancer, ACTIVE_STANDBY', made: 2 },
    { name: 'failoverLoadBalancer, ACTIVE_STANDBY', made: 2 },
  ];

  for (const { name, made } of shapes)
    test(`twice has booted one machine for each amphora: ${name}`, async () => {
      const shape = scenario(name);
      const operation = await shape.prepare(cloud);
      const { load_balancer_id: id } = operation;
      const before = cloud.world.boots();
      cloud.world.troubles.order('compute.boot', id, { how: 'lose', error: connectionLost, times: 2 });
      const { failure } = await run(cloud, operation);
      expect(failure).toBeNull();
      expect(cloud.world.troubles.effects('compute.boot', id)).toBe(made + 2);
      expect(cloud.world.boots() - before).toBe(made);
      expect(machinesAtHand(operation)).toBe(made);
      expect(await wrongAfterSuccess(cloud, shape, operation)).toEqual([]);
      expect(await undeletable(cloud, id)).toEqual([]);
    });

  test('each time makes a creation fail, and the machine that nobody heard of is found and deleted', async () => {
    const shape = scenario('createLoadBalancer, SINGLE');
    const operation = await shape.prepare(cloud);
    const { load_balancer_id: id } = operation;
    cloud.world.troubles.order('compute.boot', id, { how: 'lose', error: connectionLost });
    const { failure } = await run(cloud, operation);
    expect(failure).toContain('the connection broke');
    expect(cloud.world.troubles.effects('compute.boot', id)).toBe(3);
    expect(machinesAtHand(operation)).toBe(0);
    expect(await wrongAfterFailure(cloud, shape, operation)).toEqual([]);
  });

  test('and whose machine then goes to ERROR makes a creation fail with its fault, and the machine is deleted', async () => {
    const shape = scenario('createLoadBalancer, ACTIVE_STANDBY');
    const operation = await shape.prepare(cloud);
    const { load_balancer_id: id } = operation;
    cloud.world.doomed.add(id);
    const before = cloud.world.boots();
    const { failure } = await run(cloud, operation);
    expect(failure).toContain('No valid host was found.');
    expect(cloud.world.boots()).toBeGreaterThan(before);
    expect(machinesAtHand(operation)).toBe(0);
    expect(await wrongAfterFailure(cloud, shape, operation)).toEqual([]);
  });

  test('each time makes a failover fail, which leaves the old machine and no other', async () => {
    const shape = scenario('failoverAmphora, STANDALONE, dead');
    const operation = await shape.prepare(cloud);
    const { load_balancer_id: id } = operation;
    const old = cloud.world.machinesOf(id);
    const end = cloud.world.troubles.order('compute.boot', id, { how: 'lose', error: connectionLost });
    expect((await run(cloud, operation)).failure).toContain('the connection broke');
    end();
    expect(cloud.world.machinesOf(id)).toEqual(old);
    expect(await wrongAfterFailure(cloud, shape, operation)).toEqual([]);
    expect(await undeletable(cloud, id)).toEqual([]);
  });
});

describe('certificates whose store, authority and key are gone', () => {
  const calls = ['issueForAmphora', 'clientCertificate', 'trustBundle'];

  async function withoutCertificates<T>(work: () => Promise<T>): Promise<T> {
    const mended = calls.map((call) =>
      cloud.world.troubles.order(`certificates.${call}`, '', { how: 'refuse', error: connectionLost }),
    );
    keyIsGone = true;
    try {
      return await work();
    } finally {
      keyIsGone = false;
      mended.forEach((mend) => mend());
    }
  }

  for (const shape of scenarios.filter(({ kind }) => kind === 'deleteLoadBalancer'))
    test(`do not keep a load balancer from being deleted: ${shape.variant}`, async () => {
      const operation = await shape.prepare(cloud);
      const { failure } = await withoutCertificates(() => run(cloud, operation));
      expect(failure).toBeNull();
      expect(await wrongAfterSuccess(cloud, shape, operation)).toEqual([]);
    });

  test('make a creation fail within its retries, and the load balancer that is left can be deleted without them', async () => {
    const shape = scenario('createLoadBalancer, SINGLE');
    const operation = await shape.prepare(cloud);
    const mend = cloud.world.troubles.order('certificates.trustBundle', '', {
      how: 'refuse',
      error: connectionLost,
    });
    const { failure } = await run(cloud, operation);
    mend();
    expect(failure).toContain('the connection broke');
    expect(await wrongAfterFailure(cloud, shape, operation)).toEqual([]);
    expect(await withoutCertificates(() => undeletable(cloud, operation.load_balancer_id))).toEqual([]);
  });

  /** A quick step is tried as often as with the defaults, and sooner. */
  const retries = { ...defaultRetries, database: { ...defaultRetries.database, intervalMs: 2, maxIntervalMs: 5 } };
  const shapes = ['createLoadBalancer, ACTIVE_STANDBY', 'failoverAmphora, STANDALONE, dead'];

  for (const name of shapes) {
    test(`end a flow that needs a new one in the status of its failure: ${name}`, async () => {
      const shape = scenario(name);
      const operation = await shape.prepare(cloud);
      const { failure } = await withoutCertificates(() => run(cloud, operation, { retries }));
      expect(failure).toContain('the connection broke');
      expect(await wrongAfterFailure(cloud, shape, operation)).toEqual([]);
      expect(await undeletable(cloud, operation.load_balancer_id)).toEqual([]);
    });

    test(`end it also when nothing but the key is gone: ${name}`, async () => {
      const shape = scenario(name);
      const operation = await shape.prepare(cloud);
      keyIsGone = true;
      const { failure } = await run(cloud, operation, { retries });
      expect(failure).toContain('the secret key is gone');
      expect(await wrongAfterFailure(cloud, shape, operation)).toEqual([]);
    });
  }

  test('keep no flow from going on that only waits for the database', async () => {
    const shape = scenario('createLoadBalancer, SINGLE');
    const operation = await shape.prepare(cloud);
    const error = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const end = cloud.world.troubles.order('certificates.issueForAmphora', '', { how: 'refuse', error, times: 20 });
    const { failure } = await run(cloud, operation, { retries });
    end();
    expect(failure).toBeNull();
    expect(await wrongAfterSuccess(cloud, shape, operation)).toEqual([]);
  });

  test('end it at once where a worker has another key', async () => {
    const shape = scenario('createLoadBalancer, SINGLE');
    const operation = await shape.prepare(cloud);
    otherKey = openSealer(Buffer.alloc(32, 8));
    const { failure } = await run(cloud, operation);
    expect(failure).toContain('a sealed secret cannot be opened');
    const { causes } = await operationRow(cloud.database.db, operation.id);
    expect(causes.at(-1)?.type).toBe(UnsealFailed.name);
    expect(cloud.world.troubles.effects('compute.boot', operation.load_balancer_id)).toBe(0);
    expect(await wrongAfterFailure(cloud, shape, operation)).toEqual([]);
  });
});
