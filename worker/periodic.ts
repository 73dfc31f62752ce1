import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../config/log.ts';

/**
 * Does something again and again, `intervalMs` after its last end, or as many ms as it returns; a failure is logged and the next turn comes.
 * Returns a function that stops it and resolves when the turn that runs is over.
 */
export function every(
  intervalMs: number,
  name: string,
  log: Logger,
  work: () => Promise<void | number>,
): () => Promise<void> {
  const stopped = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      const pauseMs = await work().catch((error: unknown) =>
        log.error({ err: error }, `${name} failed; it tries again`),
      );
      await pause(pauseMs ?? intervalMs, stopped.signal);
    }
  };
  const running = loop();
  return async () => {
    stopped.abort();
    await running;
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
