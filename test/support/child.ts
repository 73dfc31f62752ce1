import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Command } from '../../cli/process/wrap.ts';

export interface Child {
  readonly process: ChildProcess;
  /** Everything that it wrote. */
  output(): string;
  /** Sends the signal and waits for the end; kills after `limitMs`, five seconds when absent. */
  stop(signal: NodeJS.Signals, limitMs?: number): Promise<void>;
}

/** Starts a server as a child and collects what it writes. */
export function startChild([program, ...rest]: Command, env: NodeJS.ProcessEnv = process.env): Child {
  const child = spawn(program, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  return {
    process: child,
    output: () => Buffer.concat(chunks).toString(),
    stop: async (signal, limitMs = 5_000) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
      await ended;
      clearTimeout(timer);
    },
  };
}
