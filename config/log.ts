import { pino, type DestinationStream, type Logger } from 'pino';

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

/** What a log line says of an error. */
interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: unknown;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/** Nobody reads further, and an error may be its own cause. */
const deepestCause = 5;

/**
 * Type, message, code and stack of an error and of its causes, and nothing else that hangs from it: PostgreSQL's `detail` shows the
 * whole row that was refused (protocol-error-fields in its manual), sealed keys and VRRP passwords included.
 */
function loggedError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const { name, message, stack, cause } = error;
  return {
    type: name,
    message,
    ...('code' in error && { code: error.code }),
    ...(stack !== undefined && { stack }),
    ...(cause !== undefined && depth < deepestCause && { cause: loggedError(cause, depth + 1) }),
  };
}

/**
 * A logger of one process: JSON lines, named for the process, on standard output or where `destination` says. Errors are logged
 * under `err`.
 */
export function createLogger(process: string, level: string, destination?: DestinationStream): Logger {
  const options = {
    name: process,
    level,
    redact,
    base: { name: process },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: (error: unknown) => loggedError(error) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
