import { createLogger, type Logger } from '../../../agent/log.ts';

export function silentLog(): Logger {
  return createLogger('error', () => undefined);
}
