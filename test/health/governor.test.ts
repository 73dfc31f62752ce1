import { describe, expect, it } from 'vitest';
import { isCorrelatedLoss, TokenBucket } from '../../health/governor.ts';

describe('the breaker', () => {
  const limits = { min: 3, percent: 30 };
  it.each([
    [3, 3, false],
    [4, 4, true],
    [100, 30, false],
    [100, 31, true],
    [1000, 0, false],
  ])('of %i amphorae with %i silent trips: %s', (known, stale, tripped) => {
    expect(isCorrelatedLoss({ known, stale, neverHeardOf: 0 }, limits)).toBe(tripped);
  });

  it('never trips at 100 percent', () => {
    expect(isCorrelatedLoss({ known: 50, stale: 50, neverHeardOf: 0 }, { min: 3, percent: 100 })).toBe(false);
  });
});

describe('the token bucket', () => {
  it('gives a burst, then its rate', () => {
    const bucket = new TokenBucket(10, 5, 0);
    for (let taken = 0; taken < 5; taken += 1) bucket.take();
    expect(bucket.available(0)).toBe(0);
    expect(bucket.available(5_999)).toBe(0);
    expect(bucket.available(6_000)).toBe(1);
    expect(bucket.available(60_000)).toBe(5);
  });

  it('gives nothing at a rate of zero', () => {
    expect(new TokenBucket(0, 10, 0).available(3_600_000)).toBe(0);
  });
});
