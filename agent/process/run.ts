import { spawn } from 'node:child_process';
import { errnoOf } from './errno.ts';

export interface RunResult {
  /** Exit code; 128 + signal number style codes are not used: a signal gives -1. */
  readonly code: number;
  readonly stdout: string;
  /** Standard output and standard error in the order in which they came. */
  readonly output: string;
}

export interface RunOptions {
  readonly input?: string;
  /** Milliseconds until the program is killed; 30 s unless told. */
  readonly timeoutMs?: number;
}

/** A program that is not installed. The message is one line that names it. */
export class ProgramMissing extends Error {
  constructor(file: string) {
    super(`${file} is not installed`);
    this.name = 'ProgramMissing';
  }
}

/** A program that answered with an exit code other than 0. `output` is what it said. */
export class ProgramFailed extends Error {
  readonly output: string;

  constructor(file: string, result: RunResult) {
    super(`${file} failed (exit code ${result.code}): ${result.output.trim()}`);
    this.name = 'ProgramFailed';
    this.output = result.output;
  }
}

/** Runs a program without a shell and collects what it says. Throws ProgramMissing. */
export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const child = spawn(file, args, { timeout: options.timeoutMs ?? 30_000, killSignal: 'SIGKILL' });
  const stdout: Buffer[] = [];
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout.push(chunk);
    output.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
  // A program that does not read its input to the end is judged by its exit code.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      reject(errnoOf(error) === 'ENOENT' ? new ProgramMissing(file) : error);
    });
    child.once('close', (code) => {
      resolve({ code: code ?? -1, stdout: text(stdout), output: text(output) });
    });
  });
}

/** As `run`, and throws ProgramFailed when the exit code is not 0. Returns standard output. */
export async function runChecked(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await run(file, args, options);
  if (result.code !== 0) throw new ProgramFailed(file, result);
  return result.stdout;
}

function text(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8');
}
