import { Counter, Histogram, type Registry } from 'prom-client';
import type { EndedOperation } from '../db/lifecycle/settle.ts';
import { processRegistry } from '../metrics/serve.ts';
import { operationKinds, type StepOutcome } from '../model/operation.ts';

/** What the worker shows besides itself. */
export interface WorkerMetrics {
  readonly registry: Registry;
  /** Counts an operation that has just ended, and the undos that it ran. */
  readonly operationEnded: (operation: EndedOperation) => void;
  /** Workflows that the relay started because the API could not. */
  readonly relayed: Counter;
  /** Creations that the relay took back because nobody waited for them any longer. */
  readonly withdrawn: Counter;
  /** What the sweeper found: `lost`, `closed`, `ownerless`. It should find nothing. */
  readonly swept: Counter<'what'>;
}

const finds = ['lost', 'closed', 'ownerless'] as const;
const results = ['succeeded', 'failed'] as const satisfies readonly EndedOperation['state'][];
const undoOutcomes = ['done', 'handed over'] as const satisfies readonly StepOutcome[];

/** From the fastest edit to the longest boot, in seconds. */
const pendingBuckets = [0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

export function createWorkerMetrics(): WorkerMetrics {
  const registry = processRegistry();
  const registers = [registry];
  return {
    registry,
    operationEnded: countEnds(registry),
    relayed: new Counter({ name: 'weir_relayed_operations_total', help: 'Workflows started by the relay.', registers }),
    withdrawn: new Counter({
      name: 'weir_withdrawn_creations_total',
      help: 'Creations that the relay took back because nobody waited for them.',
      registers,
    }),
    swept: countSwept(registry),
  };
}

/**
 * Shows each of these series from the start: Prometheus sees no increase in one that begins at 1, so an alert would miss the
 * first event of every process.
 */
function fromZero<Label extends string>(
  counter: Counter<Label>,
  series: readonly Readonly<Record<Label, string>>[],
): Counter<Label> {
  for (const labels of series) counter.inc(labels, 0);
  return counter;
}

function countSwept(registry: Registry): Counter<'what'> {
  const swept = new Counter({
    name: 'weir_swept_total',
    help: `PENDING rows without an owner that lives: ${finds.join(', ')}.`,
    labelNames: ['what'],
    registers: [registry],
  });
  return fromZero(
    swept,
    finds.map((what) => ({ what })),
  );
}

function countOperations(registry: Registry): Counter<'kind' | 'result'> {
  const operations = new Counter({
    name: 'weir_operations_total',
    help: `Operations that ended, by what was asked and whether it was done: ${results.join(', ')}.`,
    labelNames: ['kind', 'result'],
    registers: [registry],
  });
  return fromZero(
    operations,
    operationKinds.flatMap((kind) => results.map((result) => ({ kind, result }))),
  );
}

function countUndos(registry: Registry): Counter<'outcome'> {
  const undos = new Counter({
    name: 'weir_undo_runs_total',
    help: 'Undos of steps: done, or handed over to a clean-up flow.',
    labelNames: ['outcome'],
    registers: [registry],
  });
  return fromZero(
    undos,
    undoOutcomes.map((outcome) => ({ outcome })),
  );
}

function countEnds(registry: Registry): (operation: EndedOperation) => void {
  const operations = countOperations(registry);
  const undos = countUndos(registry);
  const pending = new Histogram({
    name: 'weir_operation_duration_seconds',
    help: 'From the request of an operation to its end: how long the load balancer was PENDING.',
    labelNames: ['kind', 'result'],
    buckets: pendingBuckets,
    registers: [registry],
  });
  return ({ kind, state, pendingSec, steps }) => {
    const labels = { kind, result: state };
    operations.inc(labels);
    pending.observe(labels, pendingSec);
    for (const { undo, outcome } of steps) if (undo) undos.inc({ outcome });
  };
}
