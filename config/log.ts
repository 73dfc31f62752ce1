import { pino, type Logger } from 'pino';

export type { Logger };

/** Paths that never reach a log line, whatever object they hang from. */
const redact = [
  'authorization',
  'cookie',
  '*.authorization',
  '*.cookie',
  '["x-auth-token"]',
  '*["x-auth-token"]',
  '*.serverPem',
  '*.pem',
  '*.heartbeatKey',
  '*.password',
];

/** A logger of one process: JSON lines on standard output, named for the process. */
export function createLogger(process: string, level: string): Logger {
  return pino({ name: process, level, redact, base: { name: process }, timestamp: pino.stdTimeFunctions.isoTime });
}
