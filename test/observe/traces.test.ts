import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../cli/process/until.ts';
import { workflowsPath } from '../../worker/workflow-bundle.ts';
import { requestLoadBalancer } from '../flows/support/operations.ts';
import { attributeOf, startCollector, type CollectedSpan, type Collector } from './support/collector.ts';
import { startPlane, type Plane } from './support/plane.ts';

let collector: Collector;
let plane: Plane;
beforeAll(async () => {
  collector = await startCollector();
  plane = await startPlane(['api', 'worker'], { otlpEndpoint: collector.endpoint });
});
afterAll(async () => {
  await plane.stop();
  await collector.stop();
});

const traceIdOf = (requestId: string): string => requestId.replace('req-', '').replaceAll('-', '');

/** The spans of a trace, once those of these names have come: each process sends its own. */
async function traceWith(traceId: string, ...names: readonly string[]): Promise<readonly CollectedSpan[]> {
  const trace = (): readonly CollectedSpan[] => collector.spans.filter((span) => span.traceId === traceId);
  await until(() => names.every((name) => trace().some((span) => span.name === name)), 20_000);
  return trace();
}

/** The names from a span up to the root. */
function pathOf(trace: readonly CollectedSpan[], name: string): readonly string[] {
  const path: string[] = [];
  for (let span = trace.find((one) => one.name === name); span !== undefined;) {
    path.push(span.name);
    const { parentSpanId } = span;
    span = trace.find((one) => one.spanId === parentSpanId);
  }
  return path;
}

describe('one trace', () => {
  test('leads from the request that made a load balancer to each call of a driver', async () => {
    const { id, requestId } = await plane.createLoadBalancer();
    expect(await plane.settled(id)).toBe('ACTIVE');
    const root = ['createLoadBalancer', 'start createLoadBalancer', 'POST /v2/lbaas/loadbalancers'];
    const trace = await traceWith(traceIdOf(requestId), ...root);
    expect(pathOf(trace, 'compute.boot')).toEqual(['compute.boot', 'bootAmphora', ...root]);
    expect(pathOf(trace, 'network.allocateVip')).toEqual(['network.allocateVip', 'allocateVip', ...root]);
    expect(pathOf(trace, 'completeOperation')).toEqual(['completeOperation', ...root]);
    expect(pathOf(trace, 'network.subnet')).toEqual(['network.subnet', 'POST /v2/lbaas/loadbalancers']);
    expect(
      attributeOf(
        trace.find(({ name }) => name === 'bootAmphora'),
        'weir.step',
      ),
    ).toBe('boot standalone');
    expect(new Set(trace.map(({ service }) => service))).toEqual(new Set(['weir api', 'weir worker']));
    expect(trace.filter(({ parentSpanId = '' }) => parentSpanId === '')).toHaveLength(1);
  });

  test('does not join the trace of a client, but links it', async () => {
    const clients = '4bf92f3577b34da6a3ce929d0e0e4736';
    const { requestId } = await plane.request('GET', 'loadbalancers', undefined, {
      traceparent: `00-${clients}-00f067aa0ba902b7-01`,
    });
    const [span] = await traceWith(traceIdOf(requestId), 'GET /v2/lbaas/loadbalancers');
    expect(span?.links?.map(({ traceId }) => traceId)).toEqual([clients]);
  });

  test('holds no secret and nothing of a body', async () => {
    const { id } = await plane.createLoadBalancer({ 'x-auth-token': 'secret-token' });
    expect(await plane.settled(id)).toBe('ACTIVE');
    expect(collector.text()).not.toMatch(/BEGIN (?:EC )?(?:PRIVATE KEY|CERTIFICATE)|secret-token|"web"/);
  });
});

test('a workflow that the relay starts belongs to the trace of its request all the same', async () => {
  const operation = await requestLoadBalancer(plane.database.db, crypto.randomUUID());
  const requestId = 'req-5e0c2a4e-2f9b-4f8e-9d5b-0f3a2a5d7a09';
  const { db } = plane.database;
  await db.updateTable('load_balancer').set({ vip_ready: true }).execute();
  await db.updateTable('operation').set({ request_id: requestId }).where('id', '=', operation.id).execute();
  const trace = await traceWith(traceIdOf(requestId), 'createLoadBalancer', 'start createLoadBalancer');
  expect(pathOf(trace, 'createLoadBalancer')).toEqual(['createLoadBalancer', 'start createLoadBalancer']);
});

test('a traced run has the commands of one that is not: it replays without what traces it', async () => {
  const { id } = await plane.createLoadBalancer();
  expect(await plane.settled(id)).toBe('ACTIVE');
  const history = await plane.history(id);
  expect(JSON.stringify(history)).toContain('traceparent');
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  await Worker.runReplayHistory({ workflowBundle }, history);
});
