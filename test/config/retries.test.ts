import { describe, expect, it } from 'vitest';
import { bootLimitMs, buildQueueLimitMs, connectionLimitMs, retriesOf } from '../../config/retries.ts';
import { defaultSettings, InvalidSetting, loadSettings } from '../../config/settings.ts';
import { defaultRetries } from '../../model/retries.ts';

describe('the settings of retries', () => {
  it('come to the retries that an operation has which names none', () => {
    expect(retriesOf(defaultSettings)).toEqual(defaultRetries);
  });

  it("wait as long as Octavia's options do", () => {
    expect(bootLimitMs(defaultSettings)).toBe(30 * 10_000);
    expect(connectionLimitMs(defaultSettings)).toBe(120 * 5_000);
    expect(buildQueueLimitMs(defaultSettings)).toBe(120 * 5_000);
  });

  it('give calls to compute and network APIs their own attempts and waits', () => {
    const settings = loadSettings({
      WEIR_COMPUTE_MAX_RETRIES: '3',
      WEIR_COMPUTE_RETRY_BACKOFF: '2',
      WEIR_NETWORKING_MAX_RETRIES: '4',
      WEIR_NETWORKING_RETRY_INTERVAL: '20',
    });
    const { compute, networking } = retriesOf(settings);
    expect(compute).toMatchObject({ attempts: 3, intervalMs: 2_000, maxIntervalMs: 10_000 });
    expect(networking).toMatchObject({ attempts: 4, intervalMs: 20_000, maxIntervalMs: 20_000 });
  });

  it('never let a try end before what it waits for may', () => {
    const settings = loadSettings({ WEIR_AMP_ACTIVE_RETRIES: '1000', WEIR_ACTIVE_CONNECTION_MAX_RETRIES: '100' });
    const { boot, amphoraFailover } = retriesOf(settings);
    expect(boot.tryLimitMs).toBeGreaterThan(bootLimitMs(settings) + buildQueueLimitMs(settings));
    expect(amphoraFailover.tryLimitMs).toBeGreaterThan(100 * 2_000 + 70_000);
    const patient = retriesOf(loadSettings({ WEIR_FAILOVER_CONNECTION_MAX_RETRIES: '30' }));
    expect(patient.amphoraFailover.tryLimitMs).toBeGreaterThan(2 * 30 * (10_000 + 60_000 + 5_000));
  });

  it.each(['0', '-2', '1.5', 'many'])('refuse %s machines at a time', (text) => {
    expect(() => loadSettings({ WEIR_BUILD_RATE_LIMIT: text })).toThrow(InvalidSetting);
    expect(() => loadSettings({ WEIR_BUILD_RATE_LIMIT: text })).toThrow('WEIR_BUILD_RATE_LIMIT: must be -1');
  });
});
