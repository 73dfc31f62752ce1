import { Counter, Gauge, type Registry } from 'prom-client';

/** What the worker shows of the change from one build to the next. */
export interface RolloutMetrics {
  readonly takenOver: Counter;
  /** It should be 0: runs that no worker carries on, because they do not replay with this build. */
  readonly unreplayable: Gauge;
}

export function createRolloutMetrics(registry: Registry): RolloutMetrics {
  const registers = [registry];
  return {
    takenOver: new Counter({
      name: 'weir_taken_over_runs_total',
      help: 'Runs of builds without workers that this worker took over.',
      registers,
    }),
    unreplayable: new Gauge({
      name: 'weir_unreplayable_runs',
      help: 'Runs that wait for a worker of an older build because they do not replay with this one.',
      registers,
    }),
  };
}
