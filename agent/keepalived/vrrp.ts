import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../log.ts';
import { inNamespace } from '../interfaces/netns.ts';
import type { AmphoraPaths } from '../paths.ts';
import { Service } from '../process/service.ts';
import { waitFor } from '../process/wait.ts';
import { parseSequence } from '../sequence.ts';

const startLimitMs = 3000;
const stopLimitMs = 3000;

/** keepalived did not start or take its configuration; the message is what it said. */
export class KeepalivedFailed extends Error {
  constructor(output: string) {
    super(output.trim() === '' ? 'keepalived is not running' : output.trim());
    this.name = 'KeepalivedFailed';
  }
}

/** The keepalived that holds the VIPs of a load balancer in ACTIVE_STANDBY. */
export class VrrpService {
  readonly #paths: AmphoraPaths;
  readonly #service: Service;

  constructor(paths: AmphoraPaths, log: Logger) {
    this.#paths = paths;
    this.#service = new Service(definition(paths), log);
  }

  get pid(): number | null {
    return this.#service.pid;
  }

  /** A configuration was uploaded: heartbeats are only sent while keepalived runs (Octavia: health_daemon.py). */
  get configured(): boolean {
    return existsSync(this.#paths.keepalivedConfig);
  }

  /** The sequence number of the stored configuration; null when there is none. */
  async sequence(): Promise<number | null> {
    if (!this.configured) return null;
    return keepalivedSequence(await readFile(this.#paths.keepalivedConfig, 'utf8'));
  }

  /** Starts or takes over keepalived when it ran before the agent (or the amphora) ended. */
  async resume(): Promise<void> {
    if (existsSync(this.#startedMark)) await this.#service.start();
  }

  /** Throws KeepalivedFailed, ProgramMissing. */
  async start(): Promise<void> {
    const logStart = this.#service.logEnd;
    await mkdir(this.#paths.vrrp, { recursive: true });
    await writeFile(this.#startedMark, '');
    await this.#service.start();
    const running = await waitFor(startLimitMs, () => {
      if (this.#service.pid === null) return false;
      return existsSync(this.#paths.keepalivedPid) ? true : null;
    });
    if (running === true) return;
    await this.stop();
    throw new KeepalivedFailed(this.#service.logSince(logStart));
  }

  /** Lets keepalived read its configuration again (SIGHUP); throws KeepalivedFailed when it does not run. */
  reload(): void {
    if (!this.#service.signal('SIGHUP')) throw new KeepalivedFailed('');
  }

  async stop(): Promise<void> {
    await rm(this.#startedMark, { force: true });
    await this.#service.stop(stopLimitMs);
  }

  release(): void {
    this.#service.release();
  }

  get #startedMark(): string {
    return join(this.#paths.vrrp, 'started');
  }
}

/** The sequence number in the first line of a keepalived.conf; null when it is not one of ours. */
export const keepalivedSequence = (config: string): number | null =>
  parseSequence(/^# (\S+)\n/.exec(config)?.[1] ?? '');

function definition(paths: AmphoraPaths): ConstructorParameters<typeof Service>[0] {
  const vrrpPid = join(paths.vrrp, 'octavia-keepalived.vrrp.pid');
  const logging = ['--dont-fork', '--log-console', '--no-syslog'];
  // Only VRRP: without IPVS in the kernel the checker process would complain. Its own pid files: /run may be shared.
  const files = ['--vrrp', '-f', paths.keepalivedConfig, '-p', paths.keepalivedPid, '-r', vrrpPid];
  return {
    name: 'octavia-keepalived',
    pidFile: paths.keepalivedPid,
    logFile: paths.keepalivedLog,
    staleFiles: [paths.keepalivedPid, vrrpPid],
    ...inNamespace('keepalived', [...logging, ...files]),
  };
}
