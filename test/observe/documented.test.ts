import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { measureRequests } from '../../api/http/metrics.ts';
import { openDatabase } from '../../db/database.ts';
import { createHealthMetrics } from '../../health/metrics.ts';
import { openTemporalClient } from '../../temporal/client.ts';
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

test('metrics are named in the manner of Prometheus: base units, and _total for what only grows', () => {
  const registries = [createWorkerMetrics().registry, createHealthMetrics().registry];
  const metrics = registries.flatMap((registry) => registry.getMetricsAsArray());
  const ours = metrics.filter(({ name }) => name.startsWith('weir_'));
  const wrong = ours.filter(({ name, constructor }) => (constructor.name === 'Counter') !== name.endsWith('_total'));
  expect(ours.length).toBeGreaterThan(5);
  expect(wrong.map(({ name }) => name)).toEqual([]);
  expect(ours.filter(({ name }) => /_(?:ms|millis|minutes|kb|mb)\b/.test(name))).toEqual([]);
});
