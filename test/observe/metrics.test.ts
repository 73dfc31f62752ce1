import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOperationActivities } from '../../activities/operation.ts';
import { until } from '../../cli/process/until.ts';
import { loadSettings } from '../../config/settings.ts';
import { openNetworkDriver } from '../../drivers/network/open.ts';
import type { Failure } from '../../model/operation.ts';
import { createWorkerMetrics } from '../../worker/metrics.ts';
import { requestLoadBalancer } from '../flows/support/operations.ts';
import { startPlane, type Plane } from './support/plane.ts';

// There is no host: every load balancer gets its VIP and then fails for want of a place.
let plane: Plane;
beforeAll(async () => {
  plane = await startPlane(['api', 'worker', 'health'], { computeDriver: 'host' });
});
afterAll(() => plane.stop());

/** The value of a series, by its name and labels as they are written. */
function valueOf(text: string, series: string): number | undefined {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

/** Waits until the worker shows a series with this value. */
const workerShows = (series: string, value: number) =>
  until(async () => valueOf(await plane.metrics('worker'), series) === value, 20_000);

/** The value that the worker shows of a series, once it knows one: a question that has no answer within a second is none. */
async function shownByWorker(series: string): Promise<number> {
  const value = await until(async () => {
    const now = Number(valueOf(await plane.metrics('worker'), series));
    return !Number.isNaN(now) && { now };
  }, 20_000);
  if (value === undefined) throw new Error(`the worker does not know ${series}`);
  return value.now;
}

describe('/metrics', () => {
  test.each(['api', 'worker', 'health'] as const)('of %s shows the process', async (name) => {
    expect(await plane.metrics(name)).toContain('process_resident_memory_bytes');
  });

  test('of the worker shows an operation that failed and one that succeeded, with the undos between them', async () => {
    const { id } = await plane.createLoadBalancer();
    expect(await plane.settled(id)).toBe('ERROR');
    const failed = 'weir_operations_total{kind="createLoadBalancer",result="failed"}';
    expect(await workerShows(failed, 1)).toBe(true);
    const text = await plane.metrics('worker');
    expect(valueOf(text, 'weir_undo_runs_total{outcome="done"}')).toBe(2);
    const pending = 'weir_operation_duration_seconds_sum{kind="createLoadBalancer",result="failed"}';
    const { created_at: from, finished_at: to } = await plane.database.db
      .selectFrom('operation')
      .select(['created_at', 'finished_at'])
      .where('load_balancer_id', '=', id)
      .executeTakeFirstOrThrow();
    const seconds = (Date.parse(`${to}Z`) - Date.parse(`${from}Z`)) / 1000;
    expect(valueOf(text, pending)).toBeCloseTo(seconds, 2);

    await plane.request('DELETE', `loadbalancers/${id}`);
    expect(await plane.settled(id)).toBeUndefined();
    const succeeded = 'weir_operations_total{kind="deleteLoadBalancer",result="succeeded"}';
    expect(await workerShows(succeeded, 1)).toBe(true);
    expect(await workerShows(failed, 1)).toBe(true);
  });

  test('of the worker shows what is under way', async () => {
    expect(await workerShows('weir_operations_open', 0)).toBe(true);
    expect(await workerShows('weir_operation_oldest_open_age_seconds', 0)).toBe(true);
    expect(await shownByWorker('weir_clean_ups_open')).toBeGreaterThanOrEqual(0);
    const operation = await requestLoadBalancer(plane.database.db, crypto.randomUUID());
    expect(await workerShows('weir_operations_open', 1)).toBe(true);
    await plane.database.db.deleteFrom('load_balancer').where('id', '=', operation.load_balancer_id).execute();
    await plane.database.db.deleteFrom('operation').where('id', '=', operation.id).execute();
  });

  test('of the worker shows clean-up flows that run, and those that are stuck', async () => {
    const open = await shownByWorker('weir_clean_ups_open');
    const stuck = await shownByWorker('weir_clean_ups_stuck');
    const end = await plane.startCleanUp('trying');
    expect(await workerShows('weir_clean_ups_open', open + 1)).toBe(true);
    const endStuck = await plane.startCleanUp('stuck');
    expect(await workerShows('weir_clean_ups_open', open + 2)).toBe(true);
    expect(await workerShows('weir_clean_ups_stuck', stuck + 1)).toBe(true);
    await end();
    await endStuck();
  });

  test('of the worker shows what the Temporal SDK measures', async () => {
    const text = await plane.metrics('worker');
    expect(text).toMatch(/^temporal_workflow_task_schedule_to_start_latency_seconds_count\{.*\} [1-9]/m);
    expect(text).toMatch(/^temporal_workflow_task_execution_latency_seconds_bucket\{.*le="0\.005"\} \d/m);
    expect(text).toMatch(/^temporal_worker_task_slots_available\{/m);
    expect(text).toMatch(/^temporal_sticky_cache_size\{/m);
  });

  test('of the worker shows workflow tasks that fail, as those of a clean-up that no worker can carry on', async () => {
    const end = await plane.startCleanUp('trying', 'broken');
    const failing = /^temporal_workflow_task_execution_failed_total\{.*workflow_type="cleanUp".*\} [1-9]/m;
    expect(await until(async () => failing.test(await plane.metrics('worker')), 20_000)).toBe(true);
    await end();
  });

  test('of the API shows requests by route, never by the path that was asked for', async () => {
    await plane.request('GET', 'loadbalancers/5e0c2a4e-0000-4f8e-9d5b-0f3a2a5d7a09');
    await plane.request('GET', 'nothing/5e0c2a4e-0000-4f8e-9d5b-0f3a2a5d7a09');
    const text = await plane.metrics('api');
    expect(text).toMatch(
      /duration_seconds_count\{method="GET",route="\/v2\/lbaas\/loadbalancers\/:\w+",status="404"\}/,
    );
    expect(text).toMatch(/duration_seconds_count\{method="GET",route="none",status="404"\} 1$/m);
    expect(text).not.toContain('5e0c2a4e');
  });
});

test('nothing of traces is in the history of a run that nobody traces', async () => {
  const { id } = await plane.createLoadBalancer();
  expect(await plane.settled(id)).toBe('ERROR');
  expect(JSON.stringify(await plane.history(id))).not.toContain('traceparent');
});

describe('an operation', () => {
  const nothing: Failure = { reason: 'none', causes: [], steps: [] };
  const counted = async (metrics: ReturnType<typeof createWorkerMetrics>): Promise<number> => {
    const { values } = (await metrics.registry.getSingleMetric('weir_operations_total')?.get()) ?? { values: [] };
    return values.reduce((sum, { value }) => sum + value, 0);
  };

  test('counts once when the step that closes it runs again', async () => {
    const { db } = plane.database;
    const { id } = await requestLoadBalancer(db, crypto.randomUUID());
    const metrics = createWorkerMetrics();
    const { operationEnded } = metrics;
    const activities = createOperationActivities({
      db,
      network: openNetworkDriver({ networkDriver: 'linux' }, db),
      settings: loadSettings({}),
      operationEnded,
    });
    await activities.completeOperation(id, []);
    await activities.completeOperation(id, []);
    await activities.failOperation(id, nothing);
    expect(await counted(metrics)).toBe(1);
  });
});
