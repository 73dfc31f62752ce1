import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks `condition` every `everyMs` until it gives something other than undefined or false; undefined after `limitMs`. Throws what
 * the condition throws, and the signal's reason once that aborts. The condition has to see to it that it answers.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  limitMs: number,
  everyMs = 25,
  signal?: AbortSignal,
): Promise<Exclude<T, undefined | false> | undefined> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    signal?.throwIfAborted();
    const value = await condition();
    if (value !== undefined && value !== false) return value as Exclude<T, undefined | false>;
    if (performance.now() >= deadline) return undefined;
    await delay(everyMs);
  }
}
