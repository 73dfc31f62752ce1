/** The processes of an amphora: started, recognised again after a restart of ours, and ended. */
import { spawn, type ChildProcess } from 'node:child_process';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DriverError } from '../../errors.ts';
import { cannotStart, refused, systemPath } from './command.ts';
import type { AmphoraFolder } from './folder.ts';
import { initScript, words } from './init.ts';

/** A process that cannot be mistaken for a later one with the same number. */
interface ProcessMark {
  readonly pid: number;
  /** Clock ticks after boot (proc(5), field 22). */
  readonly startTime: string;
  readonly bootId: string;
}

const missing = new Set(['ENOENT', 'ESRCH']);

/** A file that goes away with what it describes: null for gone. */
async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (missing.has((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

async function readMark(folder: AmphoraFolder): Promise<ProcessMark | null> {
  const text = await readOrNull(join(folder.path, 'pid'));
  const [, pid = '', startTime = '', bootId = ''] = /^(\d+) (\d+) (\S+)\n$/.exec(text ?? '') ?? [];
  return bootId === '' ? null : { pid: Number(pid), startTime, bootId };
}

async function isAlive({ pid, startTime, bootId }: ProcessMark): Promise<boolean> {
  if ((await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim() !== bootId) return false;
  const stat = await readOrNull(`/proc/${pid}/stat`);
  // The name of the program stands in brackets and may hold anything; `state` follows it.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  return fields[0] !== 'Z' && fields[19] === startTime;
}

/** The amphora's first process, as this host numbers it, or null when the amphora does not run. */
export async function findInit(folder: AmphoraFolder): Promise<number | null> {
  const mark = await readMark(folder);
  return mark !== null && (await isAlive(mark)) ? mark.pid : null;
}

/** Whether the amphora's set-up was completed. */
export async function isReady(folder: AmphoraFolder): Promise<boolean> {
  return (await readOrNull(join(folder.path, 'ready'))) !== null;
}

const endLimitMs = 10_000;

/** Kills all processes of the amphora, which are in one pid namespace, and waits until they are gone. */
export async function endProcesses(folder: AmphoraFolder): Promise<void> {
  const pid = await findInit(folder);
  if (pid === null) return;
  process.kill(pid, 'SIGKILL');
  const end = performance.now() + endLimitMs;
  while ((await findInit(folder)) !== null) {
    if (performance.now() > end)
      throw new DriverError('ComputeFailed', `Processes of amphora ${folder.computeId} do not end.`);
    await sleep(3);
  }
}

/** An amphora whose namespaces exist and whose interfaces do not. */
export interface StartingAmphora {
  readonly pid: number;
  /** Configures the interfaces inside with these lines of iproute2 and starts the agent. */
  go(lines: readonly string[]): Promise<void>;
  /** Ends it, and says why it ended by itself if it did. */
  abandon(): Promise<Error | null>;
}

/** What the first process says until it runs. */
class Conversation {
  readonly #child: ChildProcess;
  #said = '';
  #ended = false;
  #wake: () => void = () => undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#said += chunk.toString();
      this.#wake();
    });
    child.on('close', () => this.#end());
    child.on('error', (error) => {
      this.#said += cannotStart('unshare', error).message;
      this.#end();
    });
  }

  #end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** The rest of the line that begins with the word. Throws what was said instead when the process ends. */
  async hear(word: string): Promise<string> {
    const line = new RegExp(`^${word} ?(.*)\n`, 'm');
    for (;;) {
      const match = line.exec(this.#said);
      if (match !== null) return match[1] ?? '';
      if (this.#ended) throw this.failure();
      await this.#news();
    }
  }

  /** What it had to say besides the words, or null for nothing, once it has ended. */
  async complaint(): Promise<Error | null> {
    while (!this.#ended) await this.#news();
    return this.#complaints().length === 0 ? null : this.failure();
  }

  #complaints(): readonly string[] {
    return this.#said.split('\n').filter((line) => line !== '' && !line.startsWith('weir:'));
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  failure(): Error {
    const lines = this.#complaints();
    if (lines[0]?.startsWith('This host') === true) return new DriverError('NoValidHost', lines[0]);
    const error = refused('unshare', lines.join('\n'));
    return error instanceof DriverError
      ? error
      : new DriverError(
          'ComputeFailed',
          `The amphora ended while it was set up: ${lines.join(' ') || 'no reason given'}`,
        );
  }

  /** From now on the amphora and this process have nothing in common. */
  release(): void {
    this.#child.stderr?.destroy();
    this.#child.stdin?.destroy();
    this.#child.unref();
  }
}

const namespaces = ['--net', '--mount', '--uts', '--ipc', '--pid', '--fork', '--propagation', 'private'];

/**
 * Starts the first process of an amphora in namespaces of its own; it waits for `go`. Nothing of our environment is passed on: it
 * may hold secrets. Throws NoValidHost, ComputeFailed.
 */
export async function startInit(folder: AmphoraFolder, agentCommand: readonly string[]): Promise<StartingAmphora> {
  for (const name of ['pid', 'ready']) await rm(join(folder.path, name), { force: true });
  await (await open(folder.log, 'a', 0o600)).close();
  const command = ['/bin/sh', '-c', initScript, 'init', `amphora-${folder.computeId}`, ...agentCommand];
  const child = spawn('unshare', [...namespaces, '--', ...command], {
    cwd: folder.path,
    detached: true,
    env: { PATH: systemPath, HOME: '/root', LC_ALL: 'C.UTF-8' },
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const conversation = new Conversation(child);
  child.stdin.on('error', () => child.stdin.destroy());
  const pid = Number(await conversation.hear(words.pid));
  return {
    pid,
    async go(lines) {
      child.stdin.end(['go', ...lines, ''].join('\n'));
      await conversation.hear(words.ready);
      conversation.release();
    },
    async abandon() {
      child.stdin.destroy();
      const complaint = await conversation.complaint();
      conversation.release();
      return complaint;
    },
  };
}
