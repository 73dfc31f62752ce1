/** Keeps one child process running until it is told to stop. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Command } from '../process/wrap.ts';

export interface ChildSpec {
  readonly name: string;
  readonly command: Command;
  readonly env: NodeJS.ProcessEnv;
  readonly stopSignal: NodeJS.Signals;
  /** Milliseconds from the stop signal to SIGKILL. */
  readonly stopLimitMs: number;
}

export interface SupervisorEvents {
  line(name: string, text: string): void;
  started(name: string, pid: number): void;
  /** It ended by itself and starts again in `delayMs`. `lastLine` is the last that it said. */
  ended(name: string, how: string, delayMs: number, lastLine: string): void;
  /** It has ended `times` times in a row soon after its start. Called once for each such row. */
  looping(name: string, times: number, lastLine: string): void;
}

export interface Supervised {
  readonly name: string;
  stop(): Promise<void>;
}

const firstDelayMs = 250;
const longestDelayMs = 15_000;
const healthyAfterMs = 20_000;
const loopAfter = 5;

/**
 * Starts the process, and starts it again with exponential back-off whenever it ends. It gets a process group of its own, so
 * that Ctrl-C reaches only `weir up`, which then stops everything in order.
 */
export function supervise(spec: ChildSpec, events: SupervisorEvents): Supervised {
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopping = false;
  let quickEnds = 0;

  const start = (): void => {
    const startedAt = Date.now();
    let lastLine = '';
    const running = launch(spec, (text) => {
      lastLine = text;
      events.line(spec.name, text);
    });
    child = running;
    if (running.pid !== undefined) events.started(spec.name, running.pid);
    const onEnd = (how: string): void => {
      child = undefined;
      if (stopping) return;
      quickEnds = Date.now() - startedAt > healthyAfterMs ? 1 : quickEnds + 1;
      const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** (quickEnds - 1));
      if (quickEnds === loopAfter) events.looping(spec.name, quickEnds, lastLine);
      else if (quickEnds < loopAfter) events.ended(spec.name, how, delayMs, lastLine);
      timer = setTimeout(start, delayMs);
    };
    running.once('error', (error) => onEnd(error.message));
    running.once('close', (code, signal) => {
      if (running.pid !== undefined) onEnd(signal ?? `code ${code}`);
    });
  };

  start();
  return {
    name: spec.name,
    stop: async () => {
      stopping = true;
      clearTimeout(timer);
      if (child !== undefined) await stopChild(child, spec);
    },
  };
}

function launch({ command: [program, ...args], env }: ChildSpec, onLine: (text: string) => void): ChildProcess {
  const child = spawn(program, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', onLine);
  return child;
}

async function stopChild(child: ChildProcess, spec: ChildSpec): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(spec.stopSignal);
  const timer = setTimeout(() => child.kill('SIGKILL'), spec.stopLimitMs);
  await ended;
  clearTimeout(timer);
}
