import { describe, expect, it } from 'vitest';
import { lineOf, percentile, summary } from '../../bench/measurement.ts';

describe('a measurement', () => {
  it('gives the median and the 95th percentile by nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(summary(values)).toEqual({ n: 100, median: 50, p95: 95, max: 100 });
    expect(percentile([7], 95)).toBe(7);
  });

  it('has no summary without values', () => {
    expect(() => summary([])).toThrow(RangeError);
  });

  it('is one line of JSON with when and where it was made', () => {
    const line = lineOf({ name: 'edit', unit: 'ms', figures: { median: 1.5 } }, new Date(0));
    expect(line).not.toContain('\n');
    expect(JSON.parse(line)).toMatchObject({ name: 'edit', unit: 'ms', median: 1.5, date: '1970-01-01T00:00:00.000Z' });
  });
});
