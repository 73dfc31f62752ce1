/** The command line of the Temporal development server, with what Weir's flows need of it. */
import { connect } from 'node:net';
import { searchAttributes } from '../../workflows/search-attributes.ts';
import { until } from '../process/until.ts';
import { tethered, type Command } from '../process/wrap.ts';

/** How the server is started, apart from where. */
export interface Tuning {
  readonly dynamicConfig: Readonly<Record<string, boolean | number>>;
  /** Of its SQLite file; it has none in memory. */
  readonly sqlitePragmas: Readonly<Record<string, string>>;
}

/**
 * Without the dynamic configuration each step of a flow waits for the server's throttles (docs/performance.md): eager activities
 * skip a round trip through matching, and the transfer queue is polled 20 times a second by default.
 *
 * With the pragmas a write is safe from a killed process at once and from a power cut within the next checkpoint (SQLite's
 * manual, WAL and synchronous=NORMAL). What a power cut takes, the sweeper finds missing and the relay starts again.
 */
export const forFlows: Tuning = {
  dynamicConfig: {
    'system.enableActivityEagerExecution': true,
    'system.enableEagerWorkflowStart': true,
    'history.transferProcessorMaxPollRPS': 1000,
    'history.timerProcessorMaxPollRPS': 1000,
  },
  sqlitePragmas: { journal_mode: 'wal', synchronous: 'normal' },
};

export interface DevServerOptions {
  readonly binary: string;
  readonly port: number;
  /** Undefined for no web page. */
  readonly uiPort?: number | undefined;
  /** SQLite file; undefined keeps everything in memory. */
  readonly file?: string | undefined;
  readonly namespace?: string;
  /** Measurements leave some of it out. */
  readonly tuning?: Tuning;
}

/** The command that serves Temporal on the loopback address. It ends with its parent. */
export function devServerCommand(options: DevServerOptions): Command {
  const attributes = searchAttributes.map(({ name }) => `--search-attribute=${name}=Keyword`);
  const { dynamicConfig, sqlitePragmas } = options.tuning ?? forFlows;
  const dynamic = Object.entries(dynamicConfig).map(([key, value]) => `--dynamic-config-value=${key}=${value}`);
  const pragmas = Object.entries(sqlitePragmas).map(([key, value]) => `--sqlite-pragma=${key}=${value}`);
  return tethered('TERM', [
    options.binary,
    'server',
    'start-dev',
    '--ip=127.0.0.1',
    `--port=${options.port}`,
    '--log-level=error',
    '--ui-disable-news-fetch',
    options.uiPort === undefined ? '--headless' : `--ui-port=${options.uiPort}`,
    ...(options.file === undefined ? [] : [`--db-filename=${options.file}`, ...pragmas]),
    ...(options.namespace === undefined ? [] : [`--namespace=${options.namespace}`]),
    ...attributes,
    ...dynamic,
  ]);
}

/** Waits until something takes connections on the port. False after `limitMs`. */
export async function awaitListening(port: number, limitMs: number): Promise<boolean> {
  return (await until(() => accepts(port), limitMs, 50)) === true;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
