import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { processRegistry } from '../metrics/serve.ts';

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
  const registry = processRegistry();
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
