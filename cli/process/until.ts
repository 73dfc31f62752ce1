import { setTimeout as delay } from 'node:timers/promises';

/** Asks `condition` every `everyMs` until it gives something other than undefined or false; undefined after `limitMs`. */
export async function until<T>(
  condition: () => T | Promise<T>,
  limitMs: number,
  everyMs = 25,
): Promise<Exclude<T, undefined | false> | undefined> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value as Exclude<T, undefined | false>;
    if (performance.now() >= deadline) return undefined;
    await delay(everyMs);
  }
}
