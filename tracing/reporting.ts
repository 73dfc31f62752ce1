import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from '../config/log.ts';

/** Says in the log when spans begin to be lost because the collector does not take them, and when it takes them again. */
export function reporting(exporter: SpanExporter, endpoint: string, log: Logger): SpanExporter {
  const collector = new URL(endpoint).host;
  let lost = false;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const failed = result.error !== undefined;
        if (failed && !lost) log.warn({ collector, err: result.error }, 'traces are lost: the collector takes none');
        if (!failed && lost) log.info({ collector }, 'the collector takes traces again');
        lost = failed;
        done(result);
      }),
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
