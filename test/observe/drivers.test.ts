import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLogger } from '../../config/log.ts';
import { DriverError } from '../../drivers/errors.ts';
import { spanned, type Tracing } from '../../tracing/contract.ts';
import { tracedDriver } from '../../tracing/drivers.ts';
import { openTracing } from '../../tracing/open.ts';
import { watchLateness } from '../support/lateness.ts';
import { attributeOf, startCollector, type CollectedSpan, type Collector } from './support/collector.ts';

const id = '5e0c2a4e-2f9b-4f8e-9d5b-0f3a2a5d7a09';
const log = createLogger('test', 'silent');

class Driver {
  readonly #answer = 'answer';
  apply(_subject: unknown, _secret = ''): Promise<string> {
    return Promise.resolve(this.#answer);
  }
  refuse(): Promise<never> {
    return Promise.reject(new DriverError('ConfigurationRefused', 'line 3 is wrong'));
  }
}

describe('calls of a driver', () => {
  let collector: Collector;
  let tracing: Tracing | undefined;
  beforeAll(async () => {
    collector = await startCollector();
    tracing = await openTracing({ otlpEndpoint: collector.endpoint, traceSamplePercent: 100 }, 'test', log);
  });
  afterAll(async () => {
    await tracing?.close();
    await collector.stop();
  });

  /** Does something within a span, and waits until it has arrived. */
  async function within(name: string, work: (driver: Driver) => Promise<unknown>): Promise<readonly CollectedSpan[]> {
    const { tracing: open } = { tracing };
    if (open === undefined) throw new Error('nothing is traced');
    const driver = tracedDriver(open, 'amphora', new Driver());
    await spanned(open, { name, kind: 'internal' }, () => work(driver)).catch(() => undefined);
    await expect.poll(() => collector.spans.some((span) => span.name === name), { timeout: 30_000 }).toBe(true);
    const root = collector.spans.find((span) => span.name === name);
    return collector.spans.filter(({ traceId }) => traceId === root?.traceId);
  }

  test('show the id that they are about and nothing else of their arguments', async () => {
    const spans = await within('subjects', async (driver) => {
      await driver.apply(id, 'a secret');
      await driver.apply({ id, key: 'a secret' });
      await driver.apply({ amphoraId: id, serverPem: 'a secret' });
      await driver.apply('a secret');
    });
    const subjects = spans
      .filter(({ name }) => name === 'amphora.apply')
      .map((one) => attributeOf(one, 'weir.subject'));
    expect(subjects).toEqual([id, id, id, undefined]);
    expect(collector.text()).not.toContain('a secret');
  });

  test('keep their error', async () => {
    const spans = await within('errors', (driver) => driver.refuse());
    expect(spans.find(({ name }) => name === 'amphora.refuse')?.status).toEqual({
      code: 2,
      message: 'line 3 is wrong',
    });
  });

  test('outside of any trace begin none', async () => {
    const driver = tracedDriver(tracing, 'amphora', new Driver());
    expect(await driver.apply(id)).toBe('answer');
    await within('afterwards', async () => undefined);
    const applied = collector.spans.filter(
      ({ name, parentSpanId = '' }) => name === 'amphora.apply' && parentSpanId === '',
    );
    expect(applied).toEqual([]);
  });
});

test('a collector that is not there costs nobody anything', async () => {
  const gone = await startCollector();
  await gone.stop();
  const tracing = await openTracing({ otlpEndpoint: gone.endpoint, traceSamplePercent: 100 }, 'test', log);
  if (tracing === undefined) throw new Error('nothing is traced');
  expect(await spanned(tracing, { name: 'lost', kind: 'internal' }, () => Promise.resolve(1))).toBe(1);
  const lateness = watchLateness();
  const began = performance.now();
  await tracing.close();
  expect(performance.now() - began).toBeLessThan(3_000 + lateness());
});
