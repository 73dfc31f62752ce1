/** Processes of Weir that a measurement runs for itself. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../cli/main.js', import.meta.url));

export interface RunningProgram {
  /** The last that it wrote, for an error's text. */
  output(): string;
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
}

const outputKept = 4_000;
/** `weir up` gives each of its processes 15 s. */
const stopLimitMs = 90_000;

/** Starts `weir VERB …` as a child. */
export function startProgram(args: readonly string[], env: NodeJS.ProcessEnv = {}): RunningProgram {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-outputKept);
    });
  }
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
    await ended;
    clearTimeout(timer);
  };
  return { output: () => output, ended, stop };
}
