import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { identifyNobody } from '../../api/http/noauth.ts';
import { buildServer } from '../../api/server.ts';
import { createLogger } from '../../config/log.ts';
import { loadSettings } from '../../config/settings.ts';
import { openDatabase } from '../../db/database.ts';
import { subnetId } from './support/api.ts';
import { FakeNetwork } from './support/network.ts';
import { FakeStarter } from './support/starter.ts';

/** An API whose database is at this port. */
function apiOn(port: number) {
  const db = openDatabase({
    url: `postgres://weir@127.0.0.1:${port}/weir`,
    maxConnections: 2,
    applicationName: 'weir test',
    connectionTimeoutMs: 1_500,
  });
  const settings = loadSettings({});
  const log = createLogger('api', 'silent');
  return buildServer({
    db,
    starter: new FakeStarter(db),
    reader: { steps: () => Promise.resolve([]) },
    network: new FakeNetwork(),
    identify: identifyNobody,
    settings,
    log,
  });
}

/** Two seconds of this process: on a machine that stood still meanwhile, what was due before has its turn first. */
async function twoSeconds(): Promise<null> {
  await sleep(2_000);
  for (let turn = 0; turn < 100; turn++) await nextTurn();
  return null;
}

let silent: Server;
let silentPort: number;

beforeAll(async () => {
  silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  silentPort = (silent.address() as AddressInfo).port;
});
afterAll(() => silent.close());

describe('without its database the API answers 503 within two seconds, in the shape of a fault', () => {
  const requests = [
    { method: 'GET', url: '/v2/lbaas/loadbalancers' },
    { method: 'GET', url: `/v2/lbaas/loadbalancers/${subnetId}` },
    { method: 'POST', url: '/v2/lbaas/loadbalancers', payload: { loadbalancer: { vip_subnet_id: subnetId } } },
  ] as const;
  const databases = [
    ['refuses connections', () => 1],
    ['accepts connections and says nothing', () => silentPort],
  ] as const;
  const cases = databases.flatMap(([name, port]) => requests.map((request) => [name, request, port] as const));

  test.each(cases)('one that %s: %j', async (_name, request, port) => {
    const server = apiOn(port());
    const answer = server.inject({ ...request, headers: { 'x-project-id': 'p' } });
    const response = await Promise.race([answer, twoSeconds()]);
    if (response === null) throw new Error('it did not answer within two seconds');
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({ faultcode: 'Server', debuginfo: null });
    expect(response.body).not.toMatch(/postgres|ECONN|at \w+/);
    await server.close();
  });

  test('and the health check says so', async () => {
    const response = await apiOn(1).inject({ url: '/healthcheck', headers: { accept: 'application/json' } });
    expect(response.statusCode).toBe(503);
    expect(response.json()).toEqual({ detailed: false, reasons: ['The Octavia database is unavailable.'] });
  });
});
