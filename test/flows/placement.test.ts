import { afterAll, beforeAll, expect, test } from 'vitest';
import { reportHost } from '../../db/lifecycle/host.ts';
import type { OperationRow } from '../../db/schema.ts';
import { startCloud, type Cloud } from './support/cloud.ts';
import { Gate } from './support/gate.ts';
import { requestChange, requestLoadBalancer } from './support/operations.ts';
import { run, start } from './support/run.ts';
import { untilTrue } from './support/stuck.ts';

const hosts = ['host-1', 'host-2'] as const;

let cloud: Cloud;
const stops: (() => Promise<void>)[] = [];
beforeAll(async () => {
  cloud = await startCloud({ computeDriver: 'host', hostDownSec: 600 });
  for (const host of hosts) {
    await reportHost(cloud.database.db, host, 4096);
    stops.push(await cloud.startHost(host));
  }
});
afterAll(async () => {
  await Promise.all(stops.map((stop) => stop()));
  await cloud.stop();
});

/** The amphorae that serve. */
function placesOf({ load_balancer_id: id }: OperationRow) {
  return cloud.database.db
    .selectFrom('amphora')
    .select(['id', 'compute_host'])
    .where('load_balancer_id', '=', id)
    .where('status', '=', 'ALLOCATED')
    .orderBy('compute_host')
    .execute();
}

const hostsOf = async (operation: OperationRow) => (await placesOf(operation)).map(({ compute_host: host }) => host);

/** Both steps that register an amphora are at the same place at the same time. */
async function createPair(): Promise<OperationRow> {
  const { world, database } = cloud;
  const gate = new Gate();
  const end = world.troubles.order('certificates.issueForAmphora', '', { how: 'slow', gate });
  const operation = await requestLoadBalancer(database.db, await cloud.newSubnet(), 'ACTIVE_STANDBY');
  const { ended } = await start(cloud, operation);
  await untilTrue('both wait for their certificate', () => Promise.resolve(world.troubles.waiting === 2));
  end();
  gate.open();
  expect((await ended()).failure).toBeNull();
  return operation;
}

test('the amphorae of a new pair are on different hosts, though both are placed at once', async () => {
  for (const _ of hosts) expect(await hostsOf(await createPair())).toEqual(hosts);
});

test.each(hosts)('the successor of the amphora on %s is not beside the other of its pair', async (host) => {
  const pair = await createPair();
  const old = (await placesOf(pair)).find(({ compute_host: on }) => on === host);
  const failover = await requestChange(cloud.database.db, pair.load_balancer_id, () =>
    Promise.resolve({ kind: 'failoverAmphora', resourceType: 'amphora', resourceId: old?.id ?? '' }),
  );
  expect((await run(cloud, failover)).failure).toBeNull();
  const places = await placesOf(pair);
  expect(places.map(({ compute_host: on }) => on)).toEqual(hosts);
  expect(places.map(({ id }) => id)).not.toContain(old?.id);
});
