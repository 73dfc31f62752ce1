import type { Logger } from '../config/log.ts';
import type { Settings } from '../config/settings.ts';
import type { Tracing } from './contract.ts';

/** Traces of a process, if the settings ask for them. OpenTelemetry is loaded only then: it takes some 150 ms. */
export async function openTracing(
  settings: Pick<Settings, 'otlpEndpoint' | 'traceSamplePercent'>,
  process: string,
  log: Logger,
): Promise<Tracing | undefined> {
  if (settings.otlpEndpoint === '') return undefined;
  const { openOtlp } = await import('./otlp.ts');
  return openOtlp({ endpoint: settings.otlpEndpoint, samplePercent: settings.traceSamplePercent, process, log });
}
