import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks `probe` until it answers something other than null, and returns that; null when `limitMs` have passed. The pause
 * between two questions starts at 2 ms and grows to 50 ms.
 */
export async function waitFor<T>(limitMs: number, probe: () => Promise<T | null> | T | null): Promise<T | null> {
  const end = performance.now() + limitMs;
  for (let pause = 2; ; pause = Math.min(pause * 1.5, 50)) {
    const value = await probe();
    if (value !== null) return value;
    if (performance.now() >= end) return null;
    await delay(pause);
  }
}
