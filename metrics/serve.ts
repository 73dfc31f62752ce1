import { createServer } from 'node:http';
import { collectDefaultMetrics, Registry } from 'prom-client';

/** A registry with what every process shows of itself: processor time, memory, event loop delay. */
export function processRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** Serves /metrics until the signal ends. Rejects when the port is taken. */
export async function serveMetrics(registry: Registry, port: number, signal: AbortSignal): Promise<void> {
  const server = createServer((_request, response) => {
    registry.metrics().then(
      (text) => response.setHeader('content-type', registry.contentType).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ port, signal }, resolve);
  });
}
