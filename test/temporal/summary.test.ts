import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OperationRow } from '../../db/schema.ts';
import { code, words } from '../../model/markdown.ts';
import { startOptions } from '../../temporal/open.ts';
import { detailsOf, summaryOf } from '../../temporal/summary.ts';
import { testTemporal } from '../support/temporal.ts';

const buildOperation = (overrides: Partial<OperationRow> = {}): OperationRow => ({
  id: randomUUID(),
  load_balancer_id: '5e0c2a4e-2f9b-4f8e-9d5b-0f3a2a5d7a09',
  load_balancer_name: 'web',
  sequence: 1,
  kind: 'createLoadBalancer',
  resource_type: 'load_balancer',
  resource_id: '5e0c2a4e-2f9b-4f8e-9d5b-0f3a2a5d7a09',
  resource_name: 'web',
  project_id: 'bdf06a0c86354e86b4ff1b33daa42b65',
  user_id: 'f2b8d1',
  request_id: 'req-1',
  arguments: {},
  asked: null,
  state: 'accepted',
  reason: null,
  causes: [],
  steps: [],
  created_at: '2026-11-21 10:00:08.197419',
  started_at: null,
  finished_at: null,
  ...overrides,
});

const listener = { kind: 'createListener', resource_type: 'listener', resource_id: randomUUID() } as const;

describe('the summary of a workflow', () => {
  test('says what happens to which load balancer', () => {
    expect(summaryOf(buildOperation())).toBe('create load balancer web');
    expect(summaryOf(buildOperation({ ...listener, resource_name: 'http-80' }))).toBe(
      'create listener http-80 of load balancer web',
    );
  });

  test('has the id where there is no name', () => {
    const nameless = buildOperation({ resource_name: ' ', load_balancer_name: '' });
    expect(summaryOf(nameless)).toBe(`create load balancer ${nameless.resource_id}`);
    expect(summaryOf({ ...nameless, ...listener })).toBe(
      `create listener ${listener.resource_id} of load balancer ${nameless.load_balancer_id}`,
    );
  });
});

describe('the details of a workflow', () => {
  test('list names, ids, project, user and request', () => {
    const { load_balancer_id: id } = buildOperation();
    expect(detailsOf(buildOperation({ ...listener, resource_name: 'http' })).split('\n')).toEqual([
      '**create listener**',
      '',
      `- load balancer: web (\`${id}\`)`,
      `- listener: http (\`${listener.resource_id}\`)`,
      '- project: `bdf06a0c86354e86b4ff1b33daa42b65`',
      '- user: `f2b8d1`',
      '- request: `req-1`',
    ]);
  });

  test('say so when nobody asked', () => {
    expect(detailsOf(buildOperation({ user_id: null, request_id: null }))).toContain('- user: none\n- request: none');
  });
});

describe('a name', () => {
  test.each(['web', 'web-1', 'web.example.org', 'Küche 2', 'web_1'])('of plain words stands as it is: %s', (name) => {
    expect(words(name)).toBe(name);
  });

  test.each([
    ['**bold**', '`**bold**`'],
    ['[x](http://evil.example)', '`[x](http://evil.example)`'],
    ['http://evil.example', '`http://evil.example`'],
    ['go to www.evil.example', '`go to www.evil.example`'],
    ['<img src=x>', '`<img src=x>`'],
    ['a@evil.example', '`a@evil.example`'],
    ['_a_', '`_a_`'],
    ['a\n\n# b', '`a # b`'],
    ['<\u202eb', '`< b`'],
    ['`x`', '`` `x` ``'],
    ['a```b', '````a```b````'],
    ['\\`', '`` \\` ``'],
  ])('that Markdown could read stands as code: %j', (name, expected) => {
    expect(words(name)).toBe(expected);
  });

  test('is cut to its length', () => {
    expect(words('a'.repeat(50), 40)).toBe(`${'a'.repeat(39)}…`);
    expect(code('x'.repeat(300))).toBe(`\`${'x'.repeat(254)}…\``);
  });
});

describe('Temporal', () => {
  let connection: Connection;
  let client: Client;

  beforeAll(async () => {
    const { address, namespace } = await testTemporal();
    connection = await Connection.connect({ address });
    client = new Client({ connection, namespace });
  });
  afterAll(() => connection.close());

  test.each(['\u{1F600}'.repeat(255), '"'.repeat(255), '\\'.repeat(255), '`'.repeat(255)])(
    'takes the summary and the details of the longest names (%#)',
    async (name) => {
      const operation = buildOperation({
        ...listener,
        kind: 'createHealthMonitor',
        load_balancer_id: randomUUID(),
        load_balancer_name: name,
        resource_name: name,
        project_id: name,
        user_id: name.repeat(20),
      });
      const options = startOptions(operation, { taskQueue: `weir-${randomUUID()}`, networkDriver: 'noop' });
      // A project of this length is no keyword that Temporal indexes; the API refuses it long before.
      const handle = await client.workflow.start(operation.kind, { ...options, typedSearchAttributes: [] });
      const { staticSummary, staticDetails } = await handle.describe();
      expect(await staticSummary()).toBe(summaryOf(operation));
      expect(await staticDetails()).toBe(detailsOf(operation));
      await handle.terminate();
    },
  );
});
