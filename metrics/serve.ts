import { createServer } from 'node:http';
import { collectDefaultMetrics, Registry } from 'prom-client';

/** A registry with what every process shows of itself: processor time, memory, event loop delay. */
export function processRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** Metrics that somebody else keeps, in Prometheus' text format. */
export type MetricsSource = () => Promise<string>;

/** Serves /metrics until the signal ends. Rejects when the port is taken. What `others` cannot tell is left out. */
export async function serveMetrics(
  registry: Registry,
  port: number,
  signal: AbortSignal,
  others: readonly MetricsSource[] = [],
): Promise<void> {
  const page = async (): Promise<string> => {
    const texts = [registry.metrics(), ...others.map((other) => other().catch(() => ''))];
    return (await Promise.all(texts)).join('\n');
  };
  const server = createServer((_request, response) => {
    page().then(
      (text) => response.setHeader('content-type', registry.contentType).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ port, signal }, resolve);
  });
}
