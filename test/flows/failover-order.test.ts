import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFailoverOrderActivities } from '../../activities/failover-order.ts';
import { loadSettings } from '../../config/settings.ts';
import { NoopAmphoraDriver } from '../../drivers/amphora/noop.ts';
import { DriverError } from '../../drivers/errors.ts';
import type { Amphora } from '../../model/graph.ts';
import type { AmphoraRole } from '../../model/status.ts';
import { startCloud, type Cloud } from './support/cloud.ts';
import { requestLoadBalancer, requestOf } from './support/operations.ts';
import { run } from './support/run.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud({ failoverConnectionRetryIntervalSec: 1 });
});
afterAll(() => cloud.stop());

interface Pair {
  readonly loadBalancerId: string;
  readonly master: string;
  readonly backup: string;
}

async function pair(): Promise<Pair> {
  const operation = await requestLoadBalancer(cloud.database.db, await cloud.newSubnet(), 'ACTIVE_STANDBY');
  const { failure } = await run(cloud, operation);
  if (failure !== null) throw new Error(failure);
  const loadBalancerId = operation.load_balancer_id;
  const idOf = (role: AmphoraRole) =>
    cloud.database.db
      .selectFrom('amphora')
      .select('id')
      .where('load_balancer_id', '=', loadBalancerId)
      .where('role', '=', role)
      .executeTakeFirstOrThrow();
  return { loadBalancerId, master: (await idOf('MASTER')).id, backup: (await idOf('BACKUP')).id };
}

type Answer = 'does not hold' | 'is dead' | 'fails';

/** Amphorae that answer as they are told to, the others holding the VIP; notes who was asked. */
class Told extends NoopAmphoraDriver {
  readonly asked: string[] = [];
  readonly #answers: Readonly<Record<string, Answer>>;

  constructor(answers: Readonly<Record<string, Answer>>) {
    super();
    this.#answers = answers;
  }

  override interfaceOf(amphora?: Amphora): Promise<string | null> {
    const id = amphora?.id ?? '';
    this.asked.push(id);
    switch (this.#answers[id]) {
      case 'is dead':
        return Promise.reject(new DriverError('AmphoraUnreachable', 'no answer'));
      case 'fails':
        return Promise.reject(new DriverError('AgentFailed', '500'));
      case 'does not hold':
        return Promise.resolve(null);
      case undefined:
      default:
        return Promise.resolve('eth1');
    }
  }
}

function choose(amphora: Told, loadBalancerId: string): Promise<string | null> {
  const settings = loadSettings({ WEIR_FAILOVER_CONNECTION_MAX_RETRIES: '1' });
  return createFailoverOrderActivities({ db: cloud.database.db, amphora, settings }).findAmphoraWithoutVip(
    loadBalancerId,
  );
}

/** The roles in the order in which their new amphorae were made. */
async function rebuilt(loadBalancerId: string, since: Pair): Promise<readonly string[]> {
  const { rows } = await sql<{ role: string }>`
    select role from amphora where load_balancer_id = ${loadBalancerId} and id not in (${since.master}, ${since.backup})
    order by created_at`.execute(cloud.database.db);
  return rows.map(({ role }) => role);
}

describe('the amphora that is failed over first', () => {
  test.each(['does not hold', 'is dead', 'fails'] as const)('is the one that %s, whatever its role', async (answer) => {
    const { loadBalancerId, master, backup } = await pair();
    expect(await choose(new Told({ [master]: answer }), loadBalancerId)).toBe(master);
    expect(await choose(new Told({ [backup]: answer }), loadBalancerId)).toBe(backup);
  });

  test('is known once one does not hold the VIP: the others are not asked', async () => {
    const { loadBalancerId, master, backup } = await pair();
    const both = new Told({ [master]: 'does not hold', [backup]: 'does not hold' });
    const first = await choose(both, loadBalancerId);
    expect(both.asked).toEqual([first]);
  });

  test('is not known when each holds the VIP', async () => {
    const { loadBalancerId } = await pair();
    expect(await choose(new Told({}), loadBalancerId)).toBeNull();
  });

  test('is the MASTER in the flow when the MASTER is dead', async () => {
    const old = await pair();
    cloud.world.dead.add(old.master);
    const { failure } = await run(
      cloud,
      await requestOf(cloud.database.db, 'failoverLoadBalancer', old.loadBalancerId),
    );
    expect(failure).toBeNull();
    expect(await rebuilt(old.loadBalancerId, old)).toEqual(['MASTER', 'BACKUP']);
  });

  test('is the BACKUP in the flow when the MASTER holds the VIP', async () => {
    const old = await pair();
    const { failure } = await run(
      cloud,
      await requestOf(cloud.database.db, 'failoverLoadBalancer', old.loadBalancerId),
    );
    expect(failure).toBeNull();
    expect(await rebuilt(old.loadBalancerId, old)).toEqual(['BACKUP', 'MASTER']);
  });
});
