import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import type { Database } from './schema.ts';

/** A pool or a transaction: what a function that only reads or writes single rows takes. Functions that lock demand a `Tx`. */
export type Db = Kysely<Database>;
export type Tx = Transaction<Database>;

export interface DatabaseOptions {
  /** postgres://user:password@host:port/name */
  readonly url: string;
  readonly maxConnections: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** How long a request waits for a connection before it fails, ms. */
  readonly connectionTimeoutMs: number;
  /** How long one statement may take before the request that waits for it fails, ms; without limit where it is not given. */
  readonly queryTimeoutMs?: number;
  /** How long a transaction may do nothing before PostgreSQL ends it, ms. */
  readonly idleTransactionMs?: number;
  /** Called when an idle connection breaks; the pool replaces it by itself. */
  readonly onError?: (error: Error) => void;
}

/**
 * Longer than any transaction of ours is silent. A process that freezes in the middle of one keeps its locks, and with them a load
 * balancer, for as long as its connection stands (PostgreSQL: idle_in_transaction_session_timeout).
 */
const longestSilenceMs = 5_000;

const int8 = 20;
const timestamp = 1114;
const typeParsers = new Map<number, (text: string) => unknown>([
  [int8, Number],
  [timestamp, String],
]);

/** Opens a pool of connections. Nothing connects before the first query. Close it with `destroy()`. */
export function openDatabase(options: DatabaseOptions): Db {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections,
    application_name: options.applicationName,
    connectionTimeoutMillis: options.connectionTimeoutMs,
    idle_in_transaction_session_timeout: options.idleTransactionMs ?? longestSilenceMs,
    ...(options.queryTimeoutMs === undefined ? {} : { query_timeout: options.queryTimeoutMs }),
    types: {
      getTypeParser: (oid: number, format?: string) =>
        typeParsers.get(oid) ?? pg.types.getTypeParser(oid, format as 'text'),
    },
  });
  pool.on('error', (error) => options.onError?.(error));
  // A connection in use that breaks fails its query and then says so itself, which ends the process when nobody listens.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}
