import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../config/log.ts';

/**
 * Does something again and again, `intervalMs` after its last end; a failure is logged and the next turn comes.
 * Returns a function that stops it and resolves when the turn that runs is over.
 */
export function every(intervalMs: number, name: string, log: Logger, work: () => Promise<void>): () => Promise<void> {
  const stopped = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      await work().catch((error: unknown) => log.error({ err: error }, `${name} failed; it tries again`));
      await pause(intervalMs, stopped.signal);
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
