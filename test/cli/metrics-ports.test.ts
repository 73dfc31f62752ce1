import { expect, test } from 'vitest';
import { portChecks } from '../../cli/doctor/ports.ts';
import { metricsPortOf, processNames } from '../../cli/processes.ts';
import { loadSettings } from '../../config/settings.ts';

const portsFrom = (metricsPort: number): readonly number[] =>
  processNames.map((name) => metricsPortOf(name, { metricsPort }));

test('processes on one machine serve their metrics on ports of their own', () => {
  expect(portsFrom(9_100)).toEqual([9_100, 9_101, 9_102, 9_103]);
});

test('without a port for metrics no process serves any', () => {
  expect(portsFrom(0)).toEqual([0, 0, 0, 0]);
});

test('doctor looks at the ports for metrics only when there are any', () => {
  const names = (metricsPort: number): readonly string[] =>
    portChecks(loadSettings({}, { metricsPort })).map(({ name }) => name);
  expect(names(9_100)).toEqual([...names(0), ...portsFrom(9_100).map((port) => `port ${port}/tcp`)]);
});
