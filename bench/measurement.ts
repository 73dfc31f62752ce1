/** What a measurement prints: one line of JSON. */
import { availableParallelism } from 'node:os';

export interface Measurement {
  readonly name: string;
  /** Of every figure that does not name its own. */
  readonly unit: string;
  readonly figures: Readonly<Record<string, unknown>>;
}

/** Median and 95th percentile, rounded to tenths. Throws RangeError for no values. */
export function summary(values: readonly number[]): { n: number; median: number; p95: number; max: number } {
  return {
    n: values.length,
    median: percentile(values, 50),
    p95: percentile(values, 95),
    max: percentile(values, 100),
  };
}

/** The value below which `percent` of all lie, by nearest rank. Throws RangeError for no values. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const value = sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)];
  if (value === undefined) throw new RangeError('no values');
  return rounded(value, 1);
}

/** `value` with so many digits after the point. */
export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** What has the same name together, in the order of the first of each. */
export function grouped<T>(items: readonly T[], nameOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(nameOf(item));
    if (group === undefined) groups.set(nameOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

export function lineOf({ name, unit, figures }: Measurement, now: Date): string {
  return JSON.stringify({ name, unit, ...figures, date: now.toISOString(), cpus: availableParallelism() });
}
