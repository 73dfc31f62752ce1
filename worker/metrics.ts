import { Counter, type Registry } from 'prom-client';
import { processRegistry } from '../metrics/serve.ts';

/** What the worker shows besides itself. Each count that grows means that something else went wrong before. */
export interface WorkerMetrics {
  readonly registry: Registry;
  /** Workflows that the relay started because the API could not. */
  readonly relayed: Counter;
  /** What the sweeper found: `lost`, `closed`, `ownerless`. */
  readonly swept: Counter<'what'>;
}

export function createWorkerMetrics(): WorkerMetrics {
  const registry = processRegistry();
  const registers = [registry];
  return {
    registry,
    relayed: new Counter({ name: 'weir_relayed_operations_total', help: 'Workflows started by the relay.', registers }),
    swept: new Counter({
      name: 'weir_swept_total',
      help: 'PENDING rows without an owner that lives: lost, closed, ownerless.',
      labelNames: ['what'],
      registers,
    }),
  };
}
