import { describe, expect, test } from 'vitest';
import { createLogger } from '../../config/log.ts';
import { InvalidSetting, loadSettings } from '../../config/settings.ts';
import { tracedDriver } from '../../tracing/drivers.ts';
import { parseTraceparent, traceIdOf } from '../../tracing/ids.ts';
import { openTracing } from '../../tracing/open.ts';
import { traced } from '../../worker/tracing.ts';
import { importsIn, textOf, trackedFiles } from '../architecture/source.ts';

describe('without WEIR_OTLP_ENDPOINT', () => {
  test('nothing is traced and drivers are themselves', async () => {
    expect(await openTracing(loadSettings({}), 'test', createLogger('test', 'silent'))).toBeUndefined();
    expect(traced({ taskQueue: 'weir' }, undefined).interceptors?.activity).toEqual([]);
    const driver = { list: () => Promise.resolve([]) };
    expect(tracedDriver(undefined, 'compute', driver)).toBe(driver);
  });

  test('OpenTelemetry is not loaded: one file leads to it, and that is imported only when it is needed', () => {
    const sources = trackedFiles().filter((file) => file.endsWith('.ts') && !file.startsWith('test/'));
    const imports = sources.flatMap((file) => importsIn(file, textOf(file)).filter(({ typeOnly }) => !typeOnly));
    const loaders = new Set(imports.filter(({ to }) => to.startsWith('@opentelemetry/')).map(({ from }) => from));
    expect([...loaders].sort()).toEqual(['tracing/chosen-ids.ts', 'tracing/otlp.ts']);
    expect(imports.filter(({ to }) => to === 'tracing/chosen-ids.ts').map(({ from }) => from)).toEqual([
      'tracing/otlp.ts',
    ]);
    expect(imports.filter(({ to }) => to === 'tracing/otlp.ts').map(({ from }) => from)).toEqual(['tracing/open.ts']);
    expect(textOf('tracing/open.ts')).toContain("await import('./otlp.ts')");
  });
});

test.each(['collector:4318', 'grpc://collector:4317', 'http://', 'http://weir:secret@collector:4318'])(
  '%s is no endpoint',
  (WEIR_OTLP_ENDPOINT) => {
    expect(() => loadSettings({ WEIR_OTLP_ENDPOINT })).toThrow(InvalidSetting);
  },
);

test.each(['-1', '101', 'all'])('%s is no percentage', (WEIR_TRACE_SAMPLE_PERCENT) => {
  expect(() => loadSettings({ WEIR_TRACE_SAMPLE_PERCENT })).toThrow(InvalidSetting);
});

describe('ids', () => {
  test('of requests are ids of traces', () => {
    expect(traceIdOf('req-5e0c2a4e-2f9b-4f8e-9d5b-0f3a2a5d7a09')).toBe('5e0c2a4e2f9b4f8e9d5b0f3a2a5d7a09');
  });
  test.each(['', 'req-1', 'req-00000000-0000-0000-0000-000000000000'])('%j is none', (text) => {
    expect(traceIdOf(text)).toBeUndefined();
  });
  test.each([
    '',
    '00-x-y-01',
    `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`,
    `00-${'1'.repeat(32)}-${'0'.repeat(16)}-01`,
  ])('%j is no traceparent', (text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });
});
