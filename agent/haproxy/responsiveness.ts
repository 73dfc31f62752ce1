import { rm, writeFile } from 'node:fs/promises';
import type { Logger } from '../log.ts';
import { queryHaproxy } from './stats-socket.ts';
import type { HaproxyInstance } from './instance.ts';
import type { HaproxyStore } from './store.ts';

const everyMs = 2000;
/** As long as upstream's haproxy-vrrp-check waits. */
const answerLimitMs = 5000;

/**
 * Asks every running HAProxy for a sign of life and marks those that give none; keepalived's check reads the marks. Returns
 * the function that ends it.
 */
export function watchResponsiveness(haproxy: HaproxyStore, log: Logger): () => void {
  let timer: NodeJS.Timeout | null = null;
  let ended = false;
  const round = async (): Promise<void> => {
    try {
      for (const id of await haproxy.ids()) await judge(await haproxy.instance(id), log);
    } catch (error) {
      log.error({ err: error }, 'HAProxy not judged');
    }
    if (!ended) timer = setTimeout(() => void round(), everyMs).unref();
  };
  timer = setTimeout(() => void round(), everyMs).unref();
  return () => {
    ended = true;
    if (timer !== null) clearTimeout(timer);
  };
}

async function judge(instance: HaproxyInstance, log: Logger): Promise<void> {
  if (instance.pid === null) return;
  try {
    await queryHaproxy(instance.paths.socket, 'show info', answerLimitMs);
    await rm(instance.paths.unresponsive, { force: true });
  } catch (error) {
    // One that was stopped meanwhile is not hung.
    if (instance.pid === null) return;
    log.error({ err: error, loadBalancer: instance.loadBalancerId }, 'HAProxy does not answer');
    await writeFile(instance.paths.unresponsive, '');
  }
}
