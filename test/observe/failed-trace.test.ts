import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../cli/process/until.ts';
import { attributeOf, startCollector, type Collector } from './support/collector.ts';
import { startPlane, type Plane } from './support/plane.ts';

// There is no host: every load balancer gets its VIP and then fails for want of a place.
let collector: Collector;
let plane: Plane;
beforeAll(async () => {
  collector = await startCollector();
  plane = await startPlane(['api', 'worker'], { computeDriver: 'host', otlpEndpoint: collector.endpoint });
});
afterAll(async () => {
  await plane.stop();
  await collector.stop();
});

test('the trace of a flow that fails shows the step that failed, why, and what took it back', async () => {
  const { id, requestId } = await plane.createLoadBalancer();
  expect(await plane.settled(id)).toBe('ERROR');
  const traceId = requestId.replace('req-', '').replaceAll('-', '');
  const run = await until(() => collector.spans.find(({ name }) => name === 'createLoadBalancer'), 20_000);
  expect(run).toMatchObject({ traceId, status: { code: 2 } });
  const steps = collector.spans.filter(({ parentSpanId }) => parentSpanId === run?.spanId);
  const failed = steps.filter(({ status }) => status?.code === 2);
  expect(failed.map(({ name, status }) => [name, status?.message])).toEqual([
    ['registerAmphora', 'no compute host is up'],
  ]);
  const undone = steps.filter((span) => String(attributeOf(span, 'weir.step')).startsWith('undo: '));
  expect(undone.map(({ name }) => name)).toEqual(['forgetAmphora', 'releaseVip']);
  const [forgotten, released] = undone;
  expect(Number(forgotten?.endTimeUnixNano)).toBeLessThanOrEqual(Number(released?.startTimeUnixNano));
});
