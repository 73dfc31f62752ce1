import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { measureRequests } from '../../api/http/metrics.ts';
import { openDatabase } from '../../db/database.ts';
import { createHealthMetrics } from '../../health/metrics.ts';
import { openTemporalClient } from '../../temporal/client.ts';
import { operationKinds } from '../../model/operation.ts';
import { createRolloutMetrics } from '../../worker/deployment/metrics.ts';
import { registerGauges } from '../../worker/gauges.ts';
import { createWorkerMetrics } from '../../worker/metrics.ts';
import { loadSettings } from '../../config/settings.ts';
import { textOf } from '../architecture/source.ts';

/** Every metric of ours. Nothing is asked: the database and Temporal are only named. */
function metricsOfWeir(): readonly string[] {
  const worker = createWorkerMetrics().registry;
  const settings = loadSettings({});
  const database = { url: settings.databaseUrl, maxConnections: 1, applicationName: 'test', connectionTimeoutMs: 1 };
  registerGauges(worker, openDatabase(database), openTemporalClient(settings));
  createRolloutMetrics(worker);
  const api = new Registry();
  measureRequests(api);
  const registries = [worker, api, createHealthMetrics().registry];
  const names = registries.flatMap((registry) => registry.getMetricsAsArray().map(({ name }) => name));
  return [...new Set(names.filter((name) => name.startsWith('weir_')))].sort();
}

describe('docs/operations.md', () => {
  const text = textOf('docs/operations.md');

  test('names every metric of ours, and none that does not exist', () => {
    const named = [...new Set(text.match(/\bweir_[a-z_]+/g))].sort();
    expect(named).toEqual(metricsOfWeir());
  });
});

describe('a worker that has just begun', () => {
  const shown = async (): Promise<readonly string[]> =>
    (await createWorkerMetrics().registry.metrics()).split('\n').filter((line) => line.startsWith('weir_'));

  // What Prometheus has never seen does not increase when it appears.
  test('shows at 0 every counter that an alert of the docs asks the increase of', async () => {
    const asked = [...textOf('docs/operations.md').matchAll(/increase\((weir_\w+)(?:\{(\w+="[^"]+")\})?\[/g)];
    expect(asked.length).toBeGreaterThanOrEqual(3);
    const lines = await shown();
    const missing = asked.filter(
      ([, name = '', label = '']) =>
        !lines.some((line) => line.startsWith(name) && line.includes(label) && line.endsWith(' 0')),
    );
    expect(missing.map(([text]) => text)).toEqual([]);
  });

  test('shows at 0 each kind of operation with each result, each undo and each find of the sweeper', async () => {
    const lines = await shown();
    const seriesOf = (name: string): number => lines.filter((line) => line.startsWith(`${name}{`)).length;
    expect(seriesOf('weir_operations_total')).toBe(operationKinds.length * 2);
    expect(seriesOf('weir_undo_runs_total')).toBe(2);
    expect(seriesOf('weir_swept_total')).toBe(3);
  });
});

test('metrics are named in the manner of Prometheus: base units, and _total for what only grows', () => {
  const registries = [createWorkerMetrics().registry, createHealthMetrics().registry];
  const metrics = registries.flatMap((registry) => registry.getMetricsAsArray());
  const ours = metrics.filter(({ name }) => name.startsWith('weir_'));
  const wrong = ours.filter(({ name, constructor }) => (constructor.name === 'Counter') !== name.endsWith('_total'));
  expect(ours.length).toBeGreaterThan(5);
  expect(wrong.map(({ name }) => name)).toEqual([]);
  expect(ours.filter(({ name }) => /_(?:ms|millis|minutes|kb|mb)\b/.test(name))).toEqual([]);
});
