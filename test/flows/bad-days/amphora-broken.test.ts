import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCloud, type Cloud } from '../support/cloud.ts';
import { undeletable, wrongAfterFailure, wrongAfterSuccess } from '../support/proofs/verdict.ts';
import { run } from '../support/run.ts';
import { nameOf, scenarios, type Scenario } from '../support/scenario.ts';
import { amphoraCount } from '../support/service.ts';
import type { World } from '../support/world.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud({
    amphoraMaxRetries: 3,
    amphoraRetryIntervalMs: 10,
    amphoraRetryMaxMs: 20,
    connectionMaxRetries: 2,
    connectionRetryIntervalSec: 1,
    activeConnectionMaxRetries: 2,
    activeConnectionRetryIntervalSec: 1,
    failoverConnectionMaxRetries: 1,
    failoverConnectionRetryIntervalSec: 1,
  });
});
afterAll(() => cloud.stop());

const calls: readonly (keyof World['amphora'])[] = [
  'info',
  'plugVip',
  'plugNetwork',
  'applyListeners',
  'interfaceOf',
  'applyVrrp',
];

/** Every answer about it is a 500, as the driver names that. */
function break500(about: string | RegExp, broken: readonly (keyof World['amphora'])[] = calls): () => void {
  const mends = broken.map((call) =>
    cloud.world.troubles.order(`amphora.${call}`, about, { how: 'refuse', error: 'AgentFailed' }),
  );
  return () => mends.forEach((mend) => mend());
}

function scenarioNamed(name: string): Scenario {
  const found = scenarios.find((one) => nameOf(one) === name);
  if (found === undefined) throw new Error(`there is no scenario "${name}"`);
  return found;
}

async function amphoraStatus(id: string): Promise<string | undefined> {
  const row = await cloud.database.db.selectFrom('amphora').select('status').where('id', '=', id).executeTakeFirst();
  return row?.status;
}

describe('an amphora that answers 500 for ever', () => {
  const edits = scenarios.filter(({ failed }) => failed.loadBalancer === 'ACTIVE');

  test('ends every edit in ERROR of what was edited, with the load balancer ACTIVE and the next edit welcome', async () => {
    expect(edits.length).toBeGreaterThan(12);
    const endings = edits.map(async (edit) => {
      const operation = await edit.prepare(cloud);
      const { load_balancer_id: id } = operation;
      const mend = break500(id);
      const { failure } = await run(cloud, operation);
      mend();
      return [
        ...(failure?.includes('was refused') === true ? [] : [`failed otherwise: ${failure}`]),
        ...(await wrongAfterFailure(cloud, edit, operation)),
        ...(await undeletable(cloud, id)),
      ].map((finding) => `${nameOf(edit)}: ${finding}`);
    });
    expect((await Promise.all(endings)).flat()).toEqual([]);
  });

  test.each(['updateLoadBalancer, SINGLE', 'failoverLoadBalancer, SINGLE, in a cloud'])(
    'makes %s end in ERROR, and does not stand in the way of a deletion',
    async (name) => {
      const shape = scenarioNamed(name);
      const operation = await shape.prepare(cloud);
      const { load_balancer_id: id } = operation;
      const mend = break500(id);
      const { failure } = await run(cloud, operation);
      expect(failure).toContain('was refused');
      expect(await wrongAfterFailure(cloud, shape, operation)).toEqual([]);
      expect(await undeletable(cloud, id)).toEqual([]);
      mend();
    },
  );

  const creations = scenarios.filter(({ kind }) => kind === 'createLoadBalancer');
  test('makes a creation unwind', async () => {
    const endings = creations.map(async (creation) => {
      const operation = await creation.prepare(cloud);
      const mend = break500(operation.load_balancer_id);
      const { failure } = await run(cloud, operation);
      mend();
      return [
        ...(failure?.includes('was refused') === true ? [] : [`failed otherwise: ${failure}`]),
        ...(await wrongAfterFailure(cloud, creation, operation)),
      ].map((finding) => `${nameOf(creation)}: ${finding}`);
    });
    expect((await Promise.all(endings)).flat()).toEqual([]);
  });

  const whenever = [
    { name: 'to everything', broken: calls },
    { name: 'to every configuration', broken: ['applyListeners', 'applyVrrp'] },
  ] as const;
  for (const { name, broken } of whenever)
    test(`${name} is replaced in the failover of the other of its pair: nobody else would begin its own`, async () => {
      const shape = scenarioNamed('failoverAmphora, MASTER, dead');
      const operation = await shape.prepare(cloud);
      const { load_balancer_id: id, resource_id: dead } = operation;
      const { id: peer } = await cloud.database.db
        .selectFrom('amphora')
        .select('id')
        .where('load_balancer_id', '=', id)
        .where('id', '!=', dead)
        .executeTakeFirstOrThrow();
      const mend = break500(new RegExp(`^\\[\\{"id":"${peer}"`), broken);
      const { failure } = await run(cloud, operation);
      expect(failure).toBeNull();
      mend();
      expect(await amphoraStatus(peer)).toBe('DELETED');
      expect(await amphoraCount(cloud, id)).toEqual({ serving: 2, wanted: 2 });
      expect(await wrongAfterSuccess(cloud, shape, operation)).toEqual([]);
      expect(await undeletable(cloud, id)).toEqual([]);
    });
});
