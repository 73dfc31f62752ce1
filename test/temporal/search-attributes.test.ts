import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../cli/process/until.ts';
import { ensureSearchAttributes } from '../../temporal/search-attributes.ts';
import { searchAttributes } from '../../workflows/search-attributes.ts';
import { testTemporal } from '../support/temporal.ts';

let connection: Connection;
beforeAll(async () => {
  connection = await Connection.connect({ address: (await testTemporal()).address });
});
afterAll(() => connection.close());

async function known(namespace: string): Promise<readonly string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return Object.keys(customAttributes);
}

test('a namespace that knows none of our search attributes knows them all after a worker has started', async () => {
  const namespace = `weir-${randomUUID()}`;
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  const client = new Client({ connection, namespace });
  const complete = async (): Promise<boolean> => {
    // A new namespace is known everywhere after a moment.
    await ensureSearchAttributes(client, namespace, pino({ level: 'silent' }));
    const names = await known(namespace).catch((): readonly string[] => []);
    return searchAttributes.every(({ name }) => names.includes(name));
  };
  expect(await until(complete, 20_000, 200)).toBe(true);
});

test('a Temporal that does not answer is an error with the command to run, and stops nobody', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) });
  const client = new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }), namespace: 'default' });
  await client.withDeadline(Date.now() + 500, () => ensureSearchAttributes(client, 'default', log));
  expect(lines.join('')).toContain('temporal operator search-attribute create --namespace default --type Keyword');
});
