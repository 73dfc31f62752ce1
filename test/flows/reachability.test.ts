import { beforeEach, expect, test, vi } from 'vitest';
import { once, workWithPeer } from '../../activities/reachability.ts';
import { DriverError, type DriverErrorType } from '../../drivers/errors.ts';

/** ms of a clock that goes on only as these tests say. */
let now = 0;
vi.mock('@temporalio/activity', () => ({ sleep: (ms: number) => Promise.resolve(void (now += ms)) }));
beforeEach(() => {
  now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});

const patience = { tries: 15, intervalMs: 2_000 };

/** Work that fails so after so many ms, and counts. */
function failing(type: DriverErrorType, tryMs: number) {
  const tries = { count: 0 };
  const work = (): Promise<never> => {
    tries.count += 1;
    now += tryMs;
    return Promise.reject(new DriverError(type, 'no'));
  };
  return { work, tries };
}

test('a peer that refuses at once is tried as often as the setting says', async () => {
  const { work, tries } = failing('AmphoraUnreachable', 0);
  expect(await workWithPeer({ silent: patience, broken: patience }, work)).toBe('silent');
  expect(tries.count).toBe(15);
});

test('a peer that swallows packets is not waited for longer than one that refuses', async () => {
  const { work } = failing('AmphoraUnreachable', 10_000);
  expect(await workWithPeer({ silent: patience, broken: patience }, work)).toBe('silent');
  expect(now).toBeLessThanOrEqual(patience.tries * patience.intervalMs + 10_000);
});

test('a peer that answers errors is told apart from one that is silent, and from what is neither', async () => {
  expect(await workWithPeer({ silent: once, broken: patience }, failing('AgentFailed', 0).work)).toBe('broken');
  expect(await workWithPeer({ silent: once, broken: patience }, failing('AmphoraUnreachable', 0).work)).toBe('silent');
  await expect(workWithPeer({ silent: once, broken: once }, failing('ComputeFailed', 0).work)).rejects.toThrow(
    DriverError,
  );
});
