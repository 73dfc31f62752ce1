import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { until } from '../../cli/process/until.ts';
import { findLeftovers, type Traces } from '../../cli/quickstart/leftovers.ts';
import { memberNames, namespaceOf, startMembers } from '../../cli/quickstart/members.ts';
import { ask } from '../../cli/quickstart/probe.ts';
import { ensureDefaultNetwork } from '../../cli/up/default-network.ts';
import { loadSettings } from '../../config/settings.ts';
import { openNetworkDriver } from '../../drivers/network/open.ts';
import { freeNetwork } from '../support/free-network.ts';
import { freshDatabase } from '../support/postgres.ts';

describe('the members of the quickstart', async () => {
  const database = await freshDatabase();
  afterAll(() => database.drop());
  const settings = loadSettings({
    WEIR_DATABASE_URL: database.url,
    WEIR_STATE_DIR: `/tmp/weir-members-${randomUUID()}`,
    WEIR_DEFAULT_SUBNET: `${freeNetwork('10.212')}0/24`,
  });
  const network = await ensureDefaultNetwork(settings);
  const context = { settings, db: database.db, driver: openNetworkDriver(settings, database.db), network };

  it('serve from namespaces of their own on the tenant network, and leave nothing', async () => {
    const members = await startMembers(context);
    const answers = await Promise.all(members.all.map(({ address }) => until(() => ask(address, 1_000, 8080), 30_000)));
    const ports = await database.db.selectFrom('port').select('id').execute();
    await members.stop(true);

    expect(answers).toEqual([...memberNames]);
    const traces: Traces = {
      loadBalancerIds: [],
      computeIds: [],
      portIds: ports.map(({ id }) => id),
      networkIds: [network.networkId],
      namespaces: memberNames.map((name) => namespaceOf(settings, name)),
    };
    expect(ports).toHaveLength(2);
    expect(await findLeftovers(settings, database.db, traces)).toEqual([]);
  });

  it('come again at the same addresses, whatever a crash left of them', async () => {
    const first = await startMembers(context);
    const second = await startMembers(context);
    expect(second.all).toEqual(first.all);
    await first.stop(false);
    await second.stop(true);
    expect(memberNames.some((name) => existsSync(`/run/netns/${namespaceOf(settings, name)}`))).toBe(false);
  });

  it('find the network that is there already', async () => {
    expect(await ensureDefaultNetwork(settings)).toEqual(network);
  });
});
