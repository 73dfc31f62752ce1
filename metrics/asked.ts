import { setTimeout as delay } from 'node:timers/promises';
import { Gauge, type Registry } from 'prom-client';

const limitMs = 1_000;

/** A gauge whose value is asked for when it is read. NaN, so that an alert can tell it from 0, when there is no answer within a second. */
export function askedGauge(
  registry: Registry,
  { name, help }: { readonly name: string; readonly help: string },
  ask: () => Promise<number>,
): void {
  const gauge = new Gauge({
    name,
    help,
    registers: [registry],
    collect: async () => {
      const limit = new AbortController();
      const late = delay(limitMs, Number.NaN, { signal: limit.signal });
      const value = await Promise.race([ask(), late]).catch(() => Number.NaN);
      limit.abort();
      await late.catch(() => undefined);
      gauge.set(value);
    },
  });
}
