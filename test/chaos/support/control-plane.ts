import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../cli/net/ports.ts';
import { databaseUrl } from '../../../cli/postgres/cluster.ts';
import { identify, isRunning, type ProcessIdentity } from '../../../cli/process/identity.ts';
import { until } from '../../../cli/process/until.ts';
import { installationRoot } from '../../../config/installation.ts';
import { openDatabase, type Db } from '../../../db/database.ts';
import { startChild, type Child } from '../../support/child.ts';

export type Process = 'api' | 'worker' | 'postgres' | 'temporal';

const readyLimitMs = 60_000;

/** A `weir up --drivers noop` of the test's own, built beforehand (`weir test` builds; `npm run build` does too). */
export class ControlPlane {
  readonly baseUrl: string;
  readonly stateDir: string;
  readonly #args: readonly string[];
  #up: Child | undefined;

  private constructor(stateDir: string, apiPort: number) {
    this.stateDir = stateDir;
    this.baseUrl = `http://127.0.0.1:${apiPort}`;
    const options = { drivers: 'noop', 'state-dir': stateDir, 'api-port': apiPort };
    const given = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    this.#args = ['up', ...given, '--temporal-port', '0', '--temporal-ui-port', '0'];
  }

  static async start(): Promise<ControlPlane> {
    const stateDir = await mkdtemp(join(tmpdir(), 'weir-chaos-'));
    const plane = new ControlPlane(stateDir, await freePort());
    await plane.up();
    return plane;
  }

  /** Starts `weir up` and waits until it says that it is ready. */
  async up(): Promise<void> {
    const program = join(installationRoot(), 'dist/cli/main.js');
    if (!existsSync(program)) throw new Error('build first: npm run build');
    const child = startChild([process.execPath, program, ...this.#args]);
    this.#up = child;
    const ready = await until(
      () => child.output().includes('ready after') || child.process.exitCode !== null,
      readyLimitMs,
    );
    if (ready !== true || child.process.exitCode !== null) throw new Error(`weir up is not ready: ${child.output()}`);
  }

  output(): string {
    return this.#up?.output() ?? '';
  }

  /** Undefined while it does not run. */
  async identityOf(name: Process): Promise<ProcessIdentity | undefined> {
    const text = await readFile(join(this.stateDir, 'run', `${name}.json`), 'utf8').catch(() => '');
    try {
      const identity = JSON.parse(text) as ProcessIdentity;
      return isRunning(identity) ? identity : undefined;
    } catch {
      return undefined;
    }
  }

  /** False when it does not run. */
  async signal(name: Process, signal: NodeJS.Signals): Promise<boolean> {
    const identity = await this.identityOf(name);
    if (identity === undefined) return false;
    process.kill(identity.pid, signal);
    return true;
  }

  /** SIGKILL for `weir up` itself. What it started ends with it, or is stopped by the next start. */
  async killUp(): Promise<void> {
    const pid = this.#up?.process.pid;
    const identity = pid === undefined ? undefined : identify(pid);
    this.#up?.process.kill('SIGKILL');
    await until(() => identity === undefined || !isRunning(identity), readyLimitMs);
  }

  /** The database, as Weir itself uses it. */
  async openDatabase(): Promise<Db> {
    const folder = join(this.stateDir, 'postgres');
    const [password, port] = await Promise.all(
      ['password', 'port'].map((name) => readFile(join(folder, name), 'utf8')),
    );
    const url = databaseUrl(Number(port), 'weir', password?.trim() ?? '', 'weir');
    return openDatabase({ url, maxConnections: 2, applicationName: 'weir test', connectionTimeoutMs: 10_000 });
  }

  async stop(): Promise<void> {
    const child = this.#up?.process;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    }
    await rm(this.stateDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  }
}
