import { createLogger, type Logger } from '../../../config/log.ts';

export function silentLog(): Logger {
  return createLogger('test', 'silent');
}
