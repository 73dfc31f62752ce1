type Fields = Readonly<Record<string, unknown>>;

type Write = (fields: Fields | string, message?: string) => void;

/** Where the agent says what it does. */
export interface Logger {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  /** The same logger with fields on each of its lines. */
  child(fields: Fields): Logger;
}

/** Numbers as pino's, so that the lines of all processes read alike. */
const levels = { debug: 20, info: 30, warn: 40, error: 50 } as const;

export type LogLevel = keyof typeof levels;

/**
 * A logger that writes lines of JSON. Its own, because an amphora is in service sooner by what loading pino takes: a
 * sixth of the agent's start. Callers log no body of a request and no key.
 */
export function createLogger(level: LogLevel, write: (line: string) => void, fields: Fields = {}): Logger {
  const at = (own: LogLevel): Write => {
    if (levels[own] < levels[level]) return () => undefined;
    return (first, message) => {
      const [more, msg] = typeof first === 'string' ? [{}, first] : [first, message];
      const line = { level: levels[own], time: new Date().toISOString(), name: 'agent', ...fields, ...more, msg };
      write(`${JSON.stringify(line, errorAsObject)}\n`);
    };
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (more) => createLogger(level, write, { ...fields, ...more }),
  };
}

function errorAsObject(_key: string, value: unknown): unknown {
  return value instanceof Error ? { type: value.name, message: value.message, stack: value.stack } : value;
}
