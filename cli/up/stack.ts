/** All processes of Weir on this machine: started in order, watched, stopped in the opposite order. */
import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '../../config/settings.ts';
import type { Mode } from '../doctor/finding.ts';
import { PlainError } from '../fatal.ts';
import { childEnvironment } from '../options.ts';
import { metricsPortOf, type ProcessName } from '../processes.ts';
import { freePort } from '../net/ports.ts';
import { until } from '../process/until.ts';
import { tethered } from '../process/wrap.ts';
import { gatherCrew, type Crew } from './crew.ts';
import { ensureDefaultNetwork, type DefaultNetwork } from './default-network.ts';
import { serveDatabase, serveTemporal } from './servers.ts';
import { ensureSecretKey, type StateDir } from './state-dir.ts';
import type { ChildSpec } from './supervisor.ts';

export interface Stack {
  /** As the processes see them: with the addresses of the embedded servers. */
  readonly settings: Settings;
  readonly apiUrl: string;
  /** The tenant network that every installation begins with; undefined where networks are pretended. */
  readonly network: DefaultNetwork | undefined;
  stop(): Promise<void>;
}

export interface StackOptions {
  readonly settings: Settings;
  readonly mode: Mode;
  readonly state: StateDir;
  readonly terminal: (line: string) => void;
  readonly signal: AbortSignal;
  /** Keeps the processes' log lines off the terminal; they stand in the files all the same. */
  readonly quiet: boolean;
}

const serveLimitMs = 60_000;
/** What a worker needs, at most, after its grace time (worker/drain.ts). */
const endingMs = 5_000;

/** Starts everything and waits until the API serves. Throws after stopping all again; PlainError where a person can mend it. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const crew = gatherCrew(options.state, options.terminal, options.quiet);
  try {
    const settings = await start(options, crew);
    const network = settings.networkDriver === 'linux' ? await ensureDefaultNetwork(settings) : undefined;
    return { settings, apiUrl: apiUrl(settings), network, stop: () => crew.stop() };
  } catch (error) {
    await crew.stop();
    throw error;
  }
}

async function start({ settings: given, mode, state, terminal, signal }: StackOptions, crew: Crew): Promise<Settings> {
  const secretKeyFile = given.secretKeyFile === '' ? join(state.root, 'secret.key') : given.secretKeyFile;
  await ensureSecretKey(secretKeyFile);
  const temporalServes = serveTemporal(given, mode, state, crew, (text) => terminal(`up       ${text}`));
  const [database, temporal] = await Promise.all([serveDatabase(given, mode, state, crew, signal), temporalServes]);
  const apiPort = given.apiPort === 0 ? await freePort(given.apiHost) : given.apiPort;
  const settings: Settings = { ...given, ...database, ...temporal.settings, secretKeyFile, apiPort };
  signal.throwIfAborted();
  const add = (name: ProcessName): Promise<void> => addProcess(name, settings, state, crew);
  await add('api');
  await temporal.ready(signal);
  signal.throwIfAborted();
  const workers: readonly ProcessName[] = mode.linuxDrivers ? ['worker', 'host'] : ['worker'];
  for (const name of workers) await add(name);
  if (mode.linuxDrivers) await add('health');
  const url = apiUrl(settings);
  await awaitAnswer(() => answers(url), `the API does not answer on ${url}`, crew.trouble, signal);
  for (const name of workers)
    await awaitAnswer(() => exists(readyFile(state, name)), `${name} takes no work`, crew.trouble, signal);
  return settings;
}

const readyFile = (state: StateDir, name: ProcessName): string => join(state.run, `${name}.ready`);

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Starts a process; what an earlier one said of its readiness no longer counts. */
async function addProcess(name: ProcessName, settings: Settings, state: StateDir, crew: Crew): Promise<void> {
  await rm(readyFile(state, name), { force: true });
  const own = { readyFile: readyFile(state, name), metricsPort: metricsPortOf(name, settings) };
  crew.add(processSpec(name, { ...settings, ...own }));
}

function processSpec(name: ProcessName, settings: Settings): ChildSpec {
  return {
    name,
    command: tethered('TERM', [process.execPath, ...process.execArgv, process.argv[1] ?? '', name]),
    env: childEnvironment(settings),
    stopSignal: 'SIGTERM',
    stopLimitMs: settings.gracefulShutdownTimeoutSec * 1_000 + endingMs,
  };
}

/** The address under which this machine reaches the API. */
function apiUrl({ apiHost, apiPort }: Settings): string {
  const everyAddress = apiHost === '0.0.0.0' || apiHost === '::';
  const host = everyAddress ? '127.0.0.1' : apiHost;
  return `http://${host.includes(':') ? `[${host}]` : host}:${apiPort}`;
}

async function awaitAnswer(
  ask: () => Promise<boolean>,
  otherwise: string,
  trouble: AbortSignal,
  signal: AbortSignal,
): Promise<void> {
  const asked = async (): Promise<boolean> => {
    if (trouble.aborted) throw new PlainError((trouble.reason as Error).message);
    return ask();
  };
  const serves = await until(asked, serveLimitMs, 25, signal);
  if (serves !== true) throw new PlainError(`${otherwise} after ${serveLimitMs / 1000} s`);
}

async function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    (response) => response.ok,
    () => false,
  );
}
