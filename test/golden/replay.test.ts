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
});
afterAll(() => api.close());

function payloadOf({ name, request }: Exchange): string | undefined {
  const { body } = request;
  if (body === null) return undefined;
  if (typeof body === 'object' && '__raw__' in body) return String(body.__raw__);
  return ids.translate(JSON.stringify(differences[name]?.request?.(body) ?? body));
}

async function answerTo(exchange: Exchange): Promise<{ status: number; body: unknown }> {
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

/** The recorded answer in our ids. */
function recorded({ response }: Exchange): { status: number; body: unknown } {
  return { status: response.status, body: JSON.parse(ids.translate(JSON.stringify(response.body))) as unknown };
}

async function erase(body: unknown): Promise<void> {
  const { id } = (body as { loadbalancer: { id: string } }).loadbalancer;
  await api.starter.settle();
  await api.db.deleteFrom('amphora').where('load_balancer_id', '=', id).execute();
  await api.db.deleteFrom('load_balancer').where('id', '=', id).execute();
}

describe('the API answers as a real Octavia did', () => {
  test.each(exchanges.map((exchange) => [exchange.name, exchange] as const))('%s', async (name, exchange) => {
    if (!whilePending.has(name)) await api.starter.settle();
    const answer = await answerTo(exchange);
    if (answer.status < 300 && exchange.response.status < 300) ids.learn(exchange.response.body, answer.body);
    const expected = recorded(exchange);
    const difference = differences[name];
    if (difference?.expected === undefined) {
      const body = difference?.response?.(expected.body) ?? expected.body;
      expect(answer.status).toBe(expected.status);
      expect(comparable(answer.body)).toEqual(comparable(body));
      expect(JSON.stringify(comparable(answer.body))).toBe(JSON.stringify(comparable(body)));
      return;
    }
    expect(comparable(answer)).not.toEqual(comparable(expected));
    expect(answer).toMatchObject(difference.expected);
    if (difference.erase === true) await erase(answer.body);
  });
});

describe('the list of differences', () => {
  const documented = readFileSync(new URL('../../docs/differences.md', import.meta.url), 'utf8');

  test.each(Object.entries(differences))('%s is of an exchange and stands in docs/differences.md', (name, { reason }) => {
    expect(exchanges.map((exchange) => exchange.name)).toContain(name);
    expect(reason).not.toBe('');
    expect(documented).toContain(`\`${name}\``);
  });
});
