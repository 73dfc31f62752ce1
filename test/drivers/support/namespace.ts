/** A network namespace with one process in it: a client or a member. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlink } from 'node:fs/promises';
import { eventually } from './eventually.ts';
import { output } from './host.ts';

export interface TestNamespace {
  readonly pid: number;
  close(): Promise<void>;
}

export async function openNamespace(): Promise<TestNamespace> {
  const child = spawn('unshare', ['--net', '--', 'sleep', '300'], { stdio: 'ignore' });
  const pid = child.pid ?? 0;
  const ours = await readlink('/proc/self/ns/net');
  await eventually('the namespace exists', async () => (await readlink(`/proc/${pid}/ns/net`)) !== ours);
  return {
    pid,
    async close() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Runs a program in the network namespace of a process. */
export const inNetwork = (pid: number, ...command: string[]): Promise<string> =>
  output('nsenter', `--net=/proc/${pid}/ns/net`, '--', ...command);

/** Whether a ping comes back within a second. `from` is the address to send from. */
export async function reaches(pid: number | null, address: string, from: string | null = null): Promise<boolean> {
  const source = from === null ? [] : ['-I', from];
  const ping = ['ping', '-n', '-c', '1', '-i', '0.2', '-w', '1', ...source, address];
  try {
    await (pid === null ? output('env', ...ping) : inNetwork(pid, ...ping));
    return true;
  } catch (error) {
    // ping ends with 1 for no answer, 2 for everything else.
    if ((error as { code?: number }).code === 1) return false;
    throw error;
  }
}

/** Whether one of a few pings comes back: for addresses that are expected to answer, on a machine that is busy. */
export async function reachesSoon(pid: number | null, address: string, from: string | null = null): Promise<boolean> {
  for (let attempt = 0; attempt < 5; attempt += 1) if (await reaches(pid, address, from)) return true;
  return false;
}
