import { mkdir, rm, writeFile } from 'node:fs/promises';
import { errnoOf } from '../process/errno.ts';
import type { Logger } from '../log.ts';
import type { AgentConfig } from '../config/agent-config.ts';
import { inNamespace } from '../interfaces/netns.ts';
import { amphoraPaths, haproxyPaths, type HaproxyPaths } from '../paths.ts';
import { readIfExists, writeFileAtomic } from '../process/files.ts';
import { run, type RunResult } from '../process/run.ts';
import { Service } from '../process/service.ts';
import { waitFor } from '../process/wait.ts';
import { parseSequence } from '../sequence.ts';
import { configuredSequence } from './config-file.ts';
import { queryHaproxy, showInfoIfRunning, type HaproxyInfo } from './stats-socket.ts';

/** How long a start or a reload may take until the new worker answers, in milliseconds. */
/** HAProxy 2.6 missed signals up to 50 ms after a reload and none after 200 ms. */
const askAgainMs = 250;
const servingLimitMs = 5000;
const stopLimitMs = 5000;

/** HAProxy did not come to serve the stored configuration; the message is what it said. */
export class HaproxyFailed extends Error {
  constructor(output: string) {
    super(output.trim() === '' ? `HAProxy does not answer within ${servingLimitMs} ms` : output.trim());
    this.name = 'HaproxyFailed';
  }
}

/** What upstream keeps in a systemd unit. */
interface Unit {
  /** HAProxy's `-L`: the name of this amphora among the peers. */
  readonly peer: string;
  readonly started: boolean;
}

/** The HAProxy of one load balancer: a master process with one worker, in the amphora's namespace. */
export class HaproxyInstance {
  readonly loadBalancerId: string;
  readonly paths: HaproxyPaths;
  readonly #config: AgentConfig;
  readonly #userGroupConfig: string;
  readonly #log: Logger;
  #unit: Unit;
  #service: Service;

  private constructor(loadBalancerId: string, config: AgentConfig, unit: Unit, log: Logger) {
    this.loadBalancerId = loadBalancerId;
    this.paths = haproxyPaths(config, loadBalancerId);
    this.#config = config;
    this.#userGroupConfig = amphoraPaths(config).userGroupConfig;
    this.#log = log;
    this.#unit = unit;
    this.#service = this.#serviceFor(unit);
  }

  /** Knows the instance as it stands on the disk; takes over its process when it is meant to run. */
  static async open(loadBalancerId: string, config: AgentConfig, log: Logger): Promise<HaproxyInstance> {
    const stored = await readIfExists(haproxyPaths(config, loadBalancerId).unit);
    const unit = stored === null ? { peer: '', started: false } : (JSON.parse(stored) as Unit);
    return new HaproxyInstance(loadBalancerId, config, unit, log);
  }

  get pid(): number | null {
    return this.#service.pid;
  }

  /** Starts or takes over HAProxy when it ran before the agent (or the amphora) ended. */
  async resume(): Promise<void> {
    if (this.#unit.started) await this.#service.start();
  }

  /** Lets go of the process without ending it. */
  release(): void {
    this.#service.release();
  }

  async setPeer(peer: string): Promise<void> {
    if (peer === this.#unit.peer) return;
    await this.#storeUnit({ ...this.#unit, peer });
    const replaced = this.#service;
    this.#service = this.#serviceFor(this.#unit);
    if (this.#unit.started) await this.#service.start();
    replaced.release();
  }

  /** Runs `haproxy -c` on a file (HAProxy's manual, -c). Throws ProgramMissing. */
  async check(file: string): Promise<RunResult> {
    return run(this.#config.haproxyCommand, ['-c', '-L', this.#unit.peer, '-f', file, '-f', this.#userGroupConfig]);
  }

  /** Starts HAProxy and returns when it serves. A start that fails is not tried again. Throws HaproxyFailed. */
  async start(): Promise<void> {
    if (this.pid !== null) {
      await this.reload();
      return;
    }
    await rm(this.paths.pid, { force: true });
    const logStart = this.#service.logEnd;
    await this.#storeUnit({ ...this.#unit, started: true });
    await this.#service.start();
    const serving = await this.#waitUntilServing(null, () => this.pid === null);
    if (serving) return;
    await this.stop();
    throw new HaproxyFailed(this.#service.logSince(logStart));
  }

  /**
   * Lets the master start a new worker with the stored configuration (SIGUSR2) and returns when that one serves; the old
   * worker hands its listening sockets over and finishes what it has. Throws HaproxyFailed; the old worker then goes on.
   */
  async reload(): Promise<void> {
    await this.#saveServersState();
    const before = await showInfoIfRunning(this.paths.socket);
    const logStart = this.#service.logEnd;
    const said = (words: RegExp): boolean => words.test(this.#service.logSince(logStart));
    const stopAsking = this.#askForReload(() => said(/Reloading HAProxy/));
    const failed = (): boolean => said(/Loading failure|Failed to load worker/);
    const serving = await this.#waitUntilServing(before?.get('Pid') ?? null, failed).finally(stopAsking);
    if (!serving) throw new HaproxyFailed(this.#service.logSince(logStart));
  }

  /** A master that has just reloaded may miss the signal, so it is sent until the master says that it reloads. */
  #askForReload(heard: () => boolean): () => void {
    this.#service.signal('SIGUSR2');
    const timer = setInterval(() => {
      if (heard()) clearInterval(timer);
      else this.#service.signal('SIGUSR2');
    }, askAgainMs);
    return () => clearInterval(timer);
  }

  async stop(): Promise<void> {
    await this.#service.stop(stopLimitMs);
    await this.#storeUnit({ ...this.#unit, started: false });
    await rm(this.paths.pid, { force: true });
    await rm(this.paths.unresponsive, { force: true });
  }

  /** The sequence number that the running worker was configured with; null when it has none or does not run. */
  async runningSequence(): Promise<number | null> {
    const info = await showInfoIfRunning(this.paths.socket);
    return info === null ? null : parseSequence(descriptionOf(info));
  }

  async #waitUntilServing(formerPid: string | null, failed: () => boolean): Promise<boolean> {
    const expected = configuredSequence((await readIfExists(this.paths.config)) ?? '');
    const outcome = await waitFor(servingLimitMs, async () => {
      if (failed()) return 'failed';
      const info = await showInfoIfRunning(this.paths.socket);
      if (info === null || info.get('Pid') === formerPid || info.get('Stopping') === '1') return null;
      return parseSequence(descriptionOf(info)) === expected ? 'serving' : null;
    });
    return outcome === 'serving';
  }

  /** So that servers keep their health across a reload. Upstream too goes on without it. */
  async #saveServersState(): Promise<void> {
    try {
      const state = await queryHaproxy(this.paths.socket, 'show servers state');
      await writeFile(this.paths.serversState, `${state}\n`);
    } catch (error) {
      this.#log.warn({ err: error }, 'servers-state not saved');
    }
  }

  async #storeUnit(unit: Unit): Promise<void> {
    this.#unit = unit;
    try {
      await mkdir(this.paths.dir, { recursive: true });
      await writeFileAtomic(this.paths.unit, JSON.stringify(unit), 0o644);
    } catch (error) {
      // HAProxy must start and stop on a full disk too: the old note then stands until the next change.
      if (!['ENOSPC', 'EDQUOT', 'EROFS'].includes(errnoOf(error) ?? '')) throw error;
      this.#log.error({ err: error }, 'unit not stored');
    }
  }

  #serviceFor(unit: Unit): Service {
    const files = ['-f', this.paths.config, '-f', this.#userGroupConfig];
    const haproxyArgs = ['-Ws', ...files, '-p', this.paths.pid, '-L', unit.peer];
    return new Service(
      {
        name: `haproxy-${this.loadBalancerId}`,
        pidFile: this.paths.pid,
        logFile: this.paths.log,
        ...inNamespace(this.#config.haproxyCommand, haproxyArgs),
      },
      this.#log,
    );
  }
}

function descriptionOf(info: HaproxyInfo): string {
  return info.get('description') ?? info.get('Description') ?? '';
}
