import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from '../api/support/api.ts';
import { buildSubnet } from '../api/support/network.ts';
import { differences } from './differences.ts';
import { comparable, IdMap, readExchanges, type Exchange } from './exchange.ts';

/** Asked while the load balancer of the exchange before was still PENDING. */
const whilePending = new Set([
  '053-listener-on-pending-lb-409',
  '054-lb-delete-pending-409',
  '299-lb-failover-again-409',
  '340-lb-show-pending-delete',
  '341-lb-delete-twice',
]);
const projects: Readonly<Record<string, string>> = {
  demo: 'bdf06a0c86354e86b4ff1b33daa42b65',
  observer: 'bdf06a0c86354e86b4ff1b33daa42b65',
  other: '123e0fa5a87d4727b6f6a65d0cf3c94d',
  lbadmin: 'admin',
};
const exchanges = readExchanges();
const ids = new IdMap();
let api: TestApi;

beforeAll(async () => {
  api = await startApi({ amphoraDriver: 'noop', networkDriver: 'noop', computeDriver: 'noop' });
  api.network.subnets = [buildSubnet('5e0c2a4e-2f9b-4f8e-9d5b-0f3a2a5d7a09', api.network.networkId)];
  for (const exchange of exchanges) replayed.set(exchange.name, await replay(exchange));
});
afterAll(() => api.close());

/** Stands for a body that was sent as it is. */
const raw = '__raw__';

function payloadOf({ name, request }: Exchange): string | undefined {
  const { body } = request;
  if (body === null) return undefined;
  if (typeof body === 'object' && raw in body) return String((body as Record<string, unknown>)[raw]);
  return ids.translate(JSON.stringify(differences[name]?.request?.(body as object) ?? body));
}

async function answerTo(exchange: Exchange): Promise<Reply> {
  const { method, path, headers } = exchange.request;
  const payload = payloadOf(exchange);
  const { 'X-Auth-Token': _token, ...sent } = headers;
  const response = await api.server.inject({
    method,
    url: ids.translate(path),
    headers: { ...sent, host: '127.0.0.1:19876', 'x-project-id': projects[exchange.user ?? ''] ?? '' },
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: response.statusCode, body: response.body === '' ? null : (JSON.parse(response.body) as unknown) };
}

interface Replayed {
  readonly recorded: Reply;
  readonly answered: Reply;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** The recorded answer in our ids. */
function inOurIds({ name, response }: Exchange): Reply {
  const body = JSON.parse(ids.translate(JSON.stringify(response.body))) as unknown;
  return { status: response.status, body: differences[name]?.response?.(body) ?? body };
}

async function replay(exchange: Exchange): Promise<Replayed> {
  const { name, response } = exchange;
  if (!whilePending.has(name)) await api.starter.settle();
  const answered = await answerTo(exchange);
  if (answered.status < 300 && response.status < 300) ids.learn(response.body, answered.body);
  if (differences[name]?.erase === true) await erase(answered.body);
  return { recorded: inOurIds(exchange), answered };
}

async function erase(body: unknown): Promise<void> {
  const { id } = (body as { loadbalancer: { id: string } }).loadbalancer;
  await api.starter.settle();
  await api.db.deleteFrom('amphora').where('load_balancer_id', '=', id).execute();
  await api.db.deleteFrom('load_balancer').where('id', '=', id).execute();
}

const replayed = new Map<string, Replayed>();
const resultOf = (name: string): Replayed => {
  const result = replayed.get(name);
  if (result === undefined) throw new Error(`${name} was not replayed`);
  return result;
};
const text = ({ status, body }: Reply): string => JSON.stringify({ status, body: comparable(body) }, null, 1);
const differs = (name: string): boolean => differences[name]?.expected !== undefined;
const names = exchanges.map((exchange) => exchange.name);

describe('the API answers as a real Octavia did, byte for byte but for ids and times', () => {
  test.each(names.filter((name) => !differs(name)))('%s', (name) => {
    const { recorded, answered } = resultOf(name);
    expect(text(answered)).toBe(text(recorded));
  });
});

describe('the API differs from the recording as it is written down', () => {
  test.each(names.filter(differs))('%s', (name) => {
    const { recorded, answered } = resultOf(name);
    expect(text(answered)).not.toBe(text(recorded));
    expect(answered).toMatchObject(differences[name]?.expected ?? {});
  });
});

describe('the list of differences', () => {
  const documented = readFileSync(new URL('../../docs/differences.md', import.meta.url), 'utf8');

  test.each(Object.entries(differences))(
    '%s is of an exchange and stands in docs/differences.md',
    (name, { reason }) => {
      expect(names).toContain(name);
      expect(reason).not.toBe('');
      expect(documented).toContain(`\`${name}\``);
    },
  );
});
