import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { askedGauge } from '../../metrics/asked.ts';
import { watchLateness } from '../support/lateness.ts';

async function shown(ask: () => Promise<number>): Promise<string> {
  const registry = new Registry();
  askedGauge(registry, { name: 'asked', help: 'Asked for.' }, ask);
  return (await registry.metrics()).split('\n').findLast((line) => line.startsWith('asked')) ?? '';
}

test('a gauge that is asked for shows the answer', async () => {
  expect(await shown(() => Promise.resolve(3))).toBe('asked 3');
});

test('a gauge shows that it does not know when the asking fails', async () => {
  expect(await shown(() => Promise.reject(new Error('Temporal is away')))).toBe('asked Nan');
});

test('a gauge does not wait for an answer that does not come', async () => {
  const lateness = watchLateness();
  const began = performance.now();
  expect(await shown(() => new Promise(() => undefined))).toBe('asked Nan');
  expect(performance.now() - began).toBeLessThan(3_000 + lateness());
});
