import { cancelled, Context, sleep } from '@temporalio/activity';
import { DriverError } from '../drivers/errors.ts';

const intervalMs = 100;

/**
 * Asks again and again until an answer comes, heartbeating, so that a lost worker is noticed and a cancelled flow is
 * answered. Throws AmphoraUnreachable as a final failure after `timeoutMs`; any error but AmphoraUnreachable at once.
 */
export async function poll<T>(what: string, timeoutMs: number, ask: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    Context.current().heartbeat();
    try {
      return await Promise.race([ask(), cancelled()]);
    } catch (error) {
      if (!(error instanceof DriverError) || error.type !== 'AmphoraUnreachable') throw error;
      if (performance.now() >= deadline)
        throw new DriverError('ComputeFailed', `${what} did not answer within ${timeoutMs / 1000} s`, { cause: error });
    }
    await sleep(intervalMs);
  }
}
