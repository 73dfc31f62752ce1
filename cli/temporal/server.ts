/** The command line of the Temporal development server, with what Weir's flows need of it. */
import { connect } from 'node:net';
import { searchAttributes } from '../../workflows/search-attributes.ts';
import { until } from '../process/until.ts';
import { tethered, type Command } from '../process/wrap.ts';

/**
 * Settings without which each step of a flow waits for the server's throttles (docs/performance.md): eager activities and
 * workflows skip a round trip through matching, and the transfer queue is polled 20 times a second by default.
 */
export const dynamicConfig: Readonly<Record<string, boolean | number>> = {
  'system.enableActivityEagerExecution': true,
  'system.enableEagerWorkflowStart': true,
  'history.transferProcessorMaxPollRPS': 1000,
  'history.timerProcessorMaxPollRPS': 1000,
};

/**
 * A write is safe from a killed process at once and from a power cut within the next checkpoint (SQLite's manual, WAL and
 * synchronous=NORMAL). What a power cut takes, the sweeper finds missing and the relay starts again.
 */
const sqlitePragmas = ['--sqlite-pragma=journal_mode=wal', '--sqlite-pragma=synchronous=normal'];

export interface DevServerOptions {
  readonly binary: string;
  readonly port: number;
  /** Undefined for no web page. */
  readonly uiPort?: number | undefined;
  /** SQLite file; undefined keeps everything in memory. */
  readonly file?: string | undefined;
  readonly namespace?: string;
}

/** The command that serves Temporal on the loopback address. It ends with its parent. */
export function devServerCommand(options: DevServerOptions): Command {
  const attributes = searchAttributes.map(({ name }) => `--search-attribute=${name}=Keyword`);
  const dynamic = Object.entries(dynamicConfig).map(([key, value]) => `--dynamic-config-value=${key}=${value}`);
  return tethered('TERM', [
    options.binary,
    'server',
    'start-dev',
    '--ip=127.0.0.1',
    `--port=${options.port}`,
    '--log-level=error',
    '--ui-disable-news-fetch',
    options.uiPort === undefined ? '--headless' : `--ui-port=${options.uiPort}`,
    ...(options.file === undefined ? [] : [`--db-filename=${options.file}`, ...sqlitePragmas]),
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
