/** Figures of the docs that follow from the defaults of the settings. */
import { describe, expect, it } from 'vitest';
import { retriesOf } from '../../config/retries.ts';
import { defaultSettings } from '../../config/settings.ts';
import type { RetryClass } from '../../model/retries.ts';
import { textOf } from '../architecture/source.ts';

const { amphora, boot, agentWait } = retriesOf(defaultSettings);
const { restRequestConnTimeoutSec, restRequestReadTimeoutSec } = defaultSettings;

/** Seconds until a step has failed for good whose every try takes so long. */
function secondsOf({ attempts, intervalMs, backoff, maxIntervalMs }: RetryClass, trySec: number): number {
  const tries = attempts ?? Infinity;
  const gaps = Array.from({ length: tries - 1 }, (_, at) => Math.min(intervalMs * backoff ** at, maxIntervalMs));
  return trySec * tries + gaps.reduce((sum, gap) => sum + gap, 0) / 1000;
}

describe('docs/differences.md', () => {
  it.each([
    ['connections are refused', 0],
    ['packets vanish', restRequestConnTimeoutSec],
    ['the agent takes connections and never answers', restRequestReadTimeoutSec],
  ])('says how long a change takes to fail where %s', (where, trySec) => {
    const text = textOf('docs/differences.md').replaceAll(/\s+/g, ' ');
    expect(text).toContain(`${secondsOf(amphora, trySec)} s where ${where}`);
  });
});

describe('docs/operations.md', () => {
  const text = textOf('docs/operations.md');

  it('has an alert for operations that are open for longer than a boot may take', () => {
    const [, limit] = /weir_operation_oldest_open_age_seconds\) > (\d+)/.exec(text) ?? [];
    expect(Number(limit)).toBeGreaterThan((boot.tryLimitMs + agentWait.tryLimitMs) / 1000);
    for (const { tryLimitMs } of [boot, agentWait]) expect(text).toContain(`(${tryLimitMs / 1000} s`);
  });
});
