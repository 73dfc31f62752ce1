import { createServer } from 'node:http';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export type HeartbeatOutcome =
  | 'received'
  | 'rejected'
  | 'overflowed'
  | 'written'
  | 'too_old'
  | 'incomplete'
  | 'unknown_amphora'
  | 'orphan'
  | 'poison';

export interface HealthMetrics {
  readonly registry: Registry;
  readonly heartbeats: Counter<'outcome'>;
  readonly flushSeconds: Histogram;
  readonly failovers: Counter;
  readonly amphorae: Gauge<'state'>;
  readonly breakerOpen: Gauge;
}

export function createHealthMetrics(): HealthMetrics {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    heartbeats: new Counter({
      name: 'weir_heartbeats_total',
      help: 'Heartbeats of amphorae by what became of them.',
      labelNames: ['outcome'],
      registers,
    }),
    flushSeconds: new Histogram({
      name: 'weir_heartbeat_flush_seconds',
      help: 'Time to write a batch of heartbeats.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    }),
    failovers: new Counter({ name: 'weir_automatic_failovers_total', help: 'Failovers begun for silence.', registers }),
    amphorae: new Gauge({
      name: 'weir_amphorae',
      help: 'Amphorae in service: known, stale, never_heard_of.',
      labelNames: ['state'],
      registers,
    }),
    breakerOpen: new Gauge({
      name: 'weir_failover_breaker_open',
      help: '1 while too many amphorae are silent at once for any to be failed over.',
      registers,
    }),
  };
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
