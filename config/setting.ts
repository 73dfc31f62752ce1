/** What a setting is, and the kinds of setting that there are. */
import { parseDatabaseUrl } from './database-url.ts';

/** One setting. */
export interface Setting<T> {
  readonly env: string;
  readonly default: T;
  readonly meaning: string;
  /** Throws an Error that says what is wrong with the text. */
  readonly parse: (text: string) => T;
  /** Never printed by `weir doctor`. */
  readonly secret?: true;
}

export const text = (env: string, fallback: string, meaning: string): Setting<string> => ({
  env,
  default: fallback,
  meaning,
  parse: (value) => value,
});

export const secret = (env: string, fallback: string, meaning: string): Setting<string> => ({
  ...text(env, fallback, meaning),
  secret: true,
});

export function integer(env: string, fallback: number, meaning: string, min = 0, max = Infinity): Setting<number> {
  const parse = (value: string): number => {
    const number = Number(value);
    if (!Number.isInteger(number) || number < min) throw new Error(`must be a whole number of at least ${min}`);
    if (number > max) throw new Error(`must be at most ${max}`);
    return number;
  };
  return { env, default: fallback, meaning, parse };
}

/** The address of a PostgreSQL database. */
export function databaseUrl(env: string, fallback: string, meaning: string): Setting<string> {
  const parse = (value: string): string => {
    if (parseDatabaseUrl(value) === null)
      throw new Error('must be postgres://user:password@host:port/name, in which / ? # of a password are %2F %3F %23');
    return value;
  };
  return { ...secret(env, fallback, meaning), parse };
}

/** An address of an HTTP server, or nothing. */
export function url(env: string, meaning: string): Setting<string> {
  const parse = (value: string): string => {
    if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol))
      throw new Error('must be an address that begins with http:// or https://');
    if (new URL(value).password !== '') throw new Error('must hold no password: everyone here can read it');
    return value;
  };
  return { env, default: '', meaning, parse };
}

export function flag(env: string, fallback: boolean, meaning: string): Setting<boolean> {
  const parse = (value: string): boolean => {
    if (['true', '1', 'yes', 'on'].includes(value.toLowerCase())) return true;
    if (['false', '0', 'no', 'off'].includes(value.toLowerCase())) return false;
    throw new Error('must be true or false');
  };
  return { env, default: fallback, meaning, parse };
}

export function oneOf<const T extends string>(
  env: string,
  values: readonly T[],
  fallback: NoInfer<T>,
  meaning: string,
): Setting<T> {
  const parse = (value: string): T => {
    const found = values.find((candidate) => candidate === value);
    if (found === undefined) throw new Error(`must be one of ${values.join(', ')}`);
    return found;
  };
  return { env, default: fallback, meaning: `${meaning} One of ${values.join(', ')}.`, parse };
}

/** The values of a table of settings. */
export type Values<Table> = {
  readonly [K in keyof Table]: Table[K] extends Setting<infer T> ? T : never;
};

/** The defaults of a table of settings. */
export function defaultsOf<Table extends Readonly<Record<string, { readonly default: unknown }>>>(
  table: Table,
): Values<Table> {
  return Object.fromEntries(Object.entries(table).map(([name, setting]) => [name, setting.default])) as Values<Table>;
}
