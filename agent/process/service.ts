import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import type { Logger } from '../log.ts';
import { errnoOf } from './errno.ts';
import { identityOf, isAlive, namedProcess, signalProcess, type ProcessIdentity } from './proc.ts';
import { ProgramMissing } from './run.ts';
import { waitFor } from './wait.ts';

/** A program that is to run all the time, as a systemd unit would say it. */
export interface ServiceDefinition {
  readonly name: string;
  /** Written by the program itself; it must be among its arguments, so that a new agent recognises the process. */
  readonly pidFile: string;
  /** Standard output and error go here, so that the program outlives the agent. */
  readonly logFile: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Left by a killed process; they would keep a new one from starting. */
  readonly staleFiles?: readonly string[];
}

const firstBackOffMs = 100;
const maxBackOffMs = 10_000;
/** A program that ran for this long has not failed to start. */
const settledMs = 10_000;
const watchEveryMs = 250;
/** HAProxy's master looks like nobody for some 10 ms of a reload; what is unclear for longer is a leftover. */
const unclearLimitMs = 1000;
const maxLogBytes = 1024 * 1024;

/**
 * Keeps one program running: starts it in a session of its own, starts it again with growing pauses when it dies, and
 * takes over a living one from an agent that was killed. Ending the agent does not end the program.
 */
export class Service {
  readonly definition: ServiceDefinition;
  readonly #log: Logger;
  #wanted = false;
  #startedAt = 0;
  #backOffMs = firstBackOffMs;
  #timer: NodeJS.Timeout | null = null;
  #child: { pid: number; exited: boolean } | null = null;
  /**
   * The process that was last seen alive; it leads a session of its own. Not its pid file says whether it still lives:
   * a program that executes itself anew writes that file again.
   */
  #leader: ProcessIdentity | null = null;

  constructor(definition: ServiceDefinition, log: Logger) {
    this.definition = definition;
    this.#log = log.child({ service: definition.name });
  }

  /** The main process, or null when none lives. */
  get pid(): number | null {
    if (this.#child !== null && !this.#child.exited) return this.#child.pid;
    if (this.#leader !== null && isAlive(this.#leader)) return this.#leader.pid;
    const named = this.#named();
    return named === null || named === 'unclear' ? null : named.pid;
  }

  #named(): ProcessIdentity | 'unclear' | null {
    return namedProcess(this.definition.pidFile, this.definition.pidFile);
  }

  /** Starts the program unless it runs, and keeps it running from now on. Throws ProgramMissing. */
  async start(): Promise<void> {
    this.#wanted = true;
    this.#backOffMs = firstBackOffMs;
    await waitFor(unclearLimitMs, () => (this.pid !== null || this.#named() !== 'unclear' ? true : null));
    if (this.pid === null) await this.#spawn();
    this.#watch();
  }

  /** Ends the program and no longer starts it again: SIGTERM first, SIGKILL after `limitMs`. */
  async stop(limitMs: number): Promise<void> {
    this.release();
    const pid = this.pid;
    if (pid === null) return;
    signalProcess(pid, 'SIGTERM');
    const ended = await waitFor(limitMs, () => (this.pid === null ? true : null));
    if (ended !== null) return;
    killGroup(pid);
    await waitFor(2000, () => (this.pid === null ? true : null));
  }

  /** Leaves the program alone, running or not. */
  release(): void {
    this.#wanted = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  signal(signal: NodeJS.Signals): boolean {
    const pid = this.pid;
    return pid !== null && signalProcess(pid, signal);
  }

  /** Where the log ends now, in bytes: `logSince` reads on from there. */
  get logEnd(): number {
    return statSync(this.definition.logFile, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** What the program said after a point of its log. */
  logSince(offset: number): string {
    try {
      return readFileSync(this.definition.logFile).subarray(offset).toString('utf8');
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return '';
      throw error;
    }
  }

  async #spawn(): Promise<void> {
    const { program, args, staleFiles = [] } = this.definition;
    for (const file of staleFiles) rmSync(file, { force: true });
    const output = this.#openLog();
    try {
      const child = spawn(program, args, { detached: true, stdio: ['ignore', output, output], cwd: '/' });
      // Known before anything is awaited: nobody may start a second one meanwhile.
      const entry = { pid: child.pid ?? 0, exited: child.pid === undefined };
      this.#child = entry;
      child.once('exit', (code, signal) => {
        entry.exited = true;
        this.#log.warn({ code, signal }, 'ended');
        if (this.#child === entry) this.#watch();
      });
      child.unref();
      this.#startedAt = performance.now();
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', (error) => {
          reject(errnoOf(error) === 'ENOENT' ? new ProgramMissing(program) : error);
        });
      });
    } finally {
      closeSync(output);
    }
  }

  /** The log is for reading errors, not for keeping: a full or read-only disk must not keep the program from running. */
  #openLog(): number {
    try {
      const log = openSync(this.definition.logFile, 'a', 0o644);
      this.#trimLog();
      return log;
    } catch (error) {
      this.#log.warn({ err: error }, 'no log');
      return openSync('/dev/null', 'w');
    }
  }

  #trimLog(): void {
    if (this.logEnd > maxLogBytes) truncateSync(this.definition.logFile);
  }

  #watch(): void {
    if (!this.#wanted) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const { pid } = this;
    if (pid !== null) this.#leader = identityOf(pid) ?? this.#leader;
    const pause = pid !== null ? watchEveryMs : this.#nextBackOff();
    this.#timer = setTimeout(() => {
      this.#tick().catch((error: unknown) => this.#log.error({ err: error }, 'not started again'));
    }, pause);
    this.#timer.unref();
  }

  async #tick(): Promise<void> {
    this.#timer = null;
    try {
      if (this.#wanted && this.pid === null) {
        this.#log.warn('starting it again');
        if (this.#leader !== null) killGroup(this.#leader.pid);
        await this.#spawn();
      }
    } finally {
      this.#watch();
    }
  }

  #nextBackOff(): number {
    if (performance.now() - this.#startedAt > settledMs) this.#backOffMs = firstBackOffMs;
    const pause = this.#backOffMs;
    this.#backOffMs = Math.min(pause * 2, maxBackOffMs);
    return pause;
  }
}

/** Ends what is left of a program's own session: a child that hangs would go on sharing its sockets with the next. */
function killGroup(leader: number): void {
  signalProcess(-leader, 'SIGKILL');
}
