import { monitorEventLoopDelay } from 'node:perf_hooks';

/**
 * Watches how late this process is woken from now on, for limits that state how long something of ours takes: what a machine that
 * stood still adds to it is nobody's doing. Returns how to end that, which gives the longest lateness, ms.
 */
export function watchLateness(): () => number {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  return () => {
    delay.disable();
    return delay.max / 1e6;
  };
}
