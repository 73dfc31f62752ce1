import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectId, startApi, type TestApi } from './support/api.ts';
import { buildLoadBalancer } from './support/build.ts';

const path = '/v2/lbaas/loadbalancers';
let api: TestApi;
let ids: readonly string[];

beforeAll(async () => {
  api = await startApi({ paginationMaxLimit: 3 });
  const made: string[] = [];
  for (const name of ['b', 'a', 'd', 'c']) made.push(await buildLoadBalancer(api, { name, tags: [name, 'all'] }));
  ids = made;
});
afterAll(() => api.close());

const list = async (query: string) => {
  const { status, body } = await api.request('GET', `${path}?${query}`);
  const rows = (body['loadbalancers'] ?? []) as { id: string; name: string }[];
  const links = (body['loadbalancers_links'] ?? []) as { rel: string; href: string }[];
  return { status, body, names: rows.map((row) => row.name).join(''), links };
};

describe('a list', () => {
  test('comes oldest first, a page at most, with a link to the rest', async () => {
    const { names, links } = await list('');
    expect(names).toBe('bad');
    expect(links).toEqual([{ rel: 'next', href: `http://localhost:80${path}?limit=3&marker=${ids[2]}` }]);
  });

  test('is walked from link to link, there and back', async () => {
    const first = await list('limit=2&sort=name');
    expect(first.names).toBe('ab');
    const second = await list(`limit=2&sort=name&marker=${ids[0]}`);
    expect(second.names).toBe('cd');
    expect(second.links.map((link) => link.rel)).toEqual(['previous', 'next']);
    const back = await list(`limit=2&sort=name&marker=${ids[3]}&page_reverse=True`);
    expect(back.names).toBe('ab');
  });

  test.each([
    ['sort_key=name&sort_dir=desc', 'dcb'],
    ['sort=admin_state_up:desc,name:asc', 'abc'],
    ['name=d', 'd'],
    ['tags=all,c', 'c'],
    ['tags-any=a,b', 'ba'],
    ['not-tags=all,c&not-tags-any=a', 'bd'],
    ['admin_state_up=False', ''],
    ['id=nothing', ''],
    [`project_id=${projectId}&name=b`, 'b'],
    ['project_id=other', ''],
  ])('asked for %s has %s', async (query, expected) => {
    expect((await list(query)).names).toBe(expected);
  });

  test('without limit has everything and says so in its link', async () => {
    const { names, links } = await list('limit=infinite');
    expect(names).toBe('badc');
    expect(links[0]?.href).toContain('limit=None');
  });

  test.each([
    ['limit=abc', { code: 400, description: "Supplied pagination limit 'abc' is not valid." }],
    ['sort_key=name&sort_dir=up', { code: 400, description: "Supplied sort direction 'up' is not valid." }],
    ['sort=nothing', { faultstring: "Supplied sort key 'nothing' is not valid." }],
    ['marker=nothing', { faultstring: "Supplied pagination marker 'nothing' is not valid." }],
    ['nothing=1', { faultstring: 'One or more arguments are either duplicate or invalid' }],
    ['name=a&name=b', { faultstring: 'One or more arguments are either duplicate or invalid' }],
    ['constructor=1', { faultstring: 'One or more arguments are either duplicate or invalid' }],
  ])('refuses %s', async (query, expected) => {
    const { status, body } = await list(query);
    expect(status).toBe(400);
    expect(body).toMatchObject(expected);
  });

  test.each([
    ['as a URN', (id: string) => `urn:uuid:${id}`],
    ['in braces', (id: string) => `{${id}}`],
    ['in an open brace', (id: string) => `{${id}`],
    ['behind a dash', (id: string) => `-${id}`],
    ['without dashes', (id: string) => id.replaceAll('-', '')],
  ])('refuses a marker that is the id of a row %s', async (_, written) => {
    const marker = written(ids[0] ?? '');
    const { status, body } = await list(`marker=${encodeURIComponent(marker)}`);
    expect(body).toMatchObject({ faultstring: `Supplied pagination marker '${marker}' is not valid.` });
    expect(status).toBe(400);
  });

  test('takes a marker in capitals, as a database that ignores case does', async () => {
    expect((await list(`marker=${String(ids[2]).toUpperCase()}`)).names).toBe('c');
  });

  test('shows every change at once, although it is kept while nothing changes', async () => {
    await list('name=b');
    await api.request('PUT', `${path}/${ids[0]}`, { loadbalancer: { description: 'new' } });
    expect((await list('name=b')).body).toMatchObject({ loadbalancers: [{ description: 'new' }] });
    await api.starter.settle();
    expect((await list('name=b')).body).toMatchObject({ loadbalancers: [{ provisioning_status: 'ACTIVE' }] });
  });

  test('reads no row again while nothing changes', async () => {
    await list('name=c');
    const statements = await statementsDuring(() => list('name=c'));
    expect(statements).toHaveLength(1);
    expect(statements[0]).toContain('pg_current_snapshot');
    expect(statements[0]).not.toContain('load_balancer');
  });
});

/** The statements that the API sends to the database meanwhile. */
async function statementsDuring(work: () => Promise<unknown>): Promise<readonly string[]> {
  const seen: string[] = [];
  const executor = api.db.getExecutor();
  const original = executor.executeQuery.bind(executor);
  Object.assign(executor, {
    executeQuery: (query: { sql: string }, ...rest: never[]) => {
      seen.push(query.sql);
      return (original as (...all: unknown[]) => unknown)(query, ...rest);
    },
  });
  try {
    await work();
  } finally {
    Object.assign(executor, { executeQuery: original });
  }
  return seen;
}
