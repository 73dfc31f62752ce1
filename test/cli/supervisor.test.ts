import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockStateDir } from '../../cli/up/lock.ts';
import { recordProcess, stopStrays } from '../../cli/up/strays.ts';
import { supervise, type Supervised, type SupervisorEvents } from '../../cli/up/supervisor.ts';
import { identify, isRunning } from '../../cli/process/identity.ts';
import { until } from '../../cli/process/until.ts';
import { tethered } from '../../cli/process/wrap.ts';

const limitMs = 30_000;

interface Observed {
  readonly lines: string[];
  readonly pids: number[];
  readonly delays: number[];
  readonly loops: string[];
  readonly child: Supervised;
}

function watch(script: string): Observed {
  const lines: string[] = [];
  const pids: number[] = [];
  const delays: number[] = [];
  const loops: string[] = [];
  const events: SupervisorEvents = {
    line: (_name, text) => void lines.push(text),
    started: (_name, pid) => void pids.push(pid),
    ended: (_name, _how, delayMs) => void delays.push(delayMs),
    looping: (_name, _times, lastLine) => void loops.push(lastLine),
  };
  const child = supervise(
    { name: 'child', command: ['sh', '-c', script], env: process.env, stopSignal: 'SIGTERM', stopLimitMs: 300 },
    events,
  );
  onTestFinished(() => child.stop());
  return { lines, pids, delays, loops, child };
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'weir-supervisor-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

const isAlive = (pid: number): boolean => identify(pid) !== undefined;

describe('a supervised process', () => {
  it('starts again after it was killed', async () => {
    const { pids } = watch('exec sleep 60');
    process.kill(pids[0] ?? 0, 'SIGKILL');
    expect(await until(() => pids.length === 2, limitMs)).toBe(true);
    expect(isAlive(pids[1] ?? 0)).toBe(true);
  });

  it('waits twice as long each time it ends at once, and says once that it goes on ending', async () => {
    const { delays, loops } = watch('echo cannot open the file >&2; exit 1');
    expect(await until(() => loops.length === 1, limitMs)).toBe(true);
    expect(delays).toEqual([250, 500, 1000, 2000]);
    expect(loops).toEqual(['cannot open the file']);
  });

  it('stops when it is told to and does not start again', async () => {
    const { pids, child } = watch('exec sleep 60');
    await child.stop();
    expect(isAlive(pids[0] ?? 0)).toBe(false);
    expect(pids).toHaveLength(1);
  });

  it('is killed when it does not heed the stop signal', async () => {
    const { pids, lines, child } = watch("trap '' TERM; echo ready; while :; do sleep 0.05; done");
    await until(() => lines.includes('ready'), limitMs);
    await child.stop();
    expect(isAlive(pids[0] ?? 0)).toBe(false);
  });
});

describe('a process that is tethered to its parent', () => {
  it('ends when the parent is killed', async () => {
    const inner = tethered('TERM', ['sh', '-c', 'echo $$; exec sleep 60'])
      .map((word) => `'${word}'`)
      .join(' ');
    const parent = spawn('sh', ['-c', `${inner} & wait`], { stdio: ['ignore', 'pipe', 'ignore'] });
    const pid = await new Promise<number>((resolve) => {
      parent.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())));
    });
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    expect(await until(() => !isAlive(pid), limitMs)).toBe(true);
  });
});

describe('a start after a crash', () => {
  it('stops the recorded processes that still run', async () => {
    const run = await folder();
    const stray = spawn('sleep', ['60'], { stdio: 'ignore' });
    await recordProcess(run, 'api', stray.pid ?? 0);
    const identity = identify(stray.pid ?? 0);
    expect(await stopStrays(run)).toEqual(['api']);
    expect(identity !== undefined && isRunning(identity)).toBe(false);
    expect(await readdir(run)).toEqual([]);
  });

  it('leaves a process alone that only has the number of a recorded one', async () => {
    const run = await folder();
    const other = spawn('sleep', ['60'], { stdio: 'ignore' });
    onTestFinished(() => void other.kill());
    await writeFile(join(run, 'api.json'), JSON.stringify({ pid: other.pid, startedAt: '1' }));
    expect(await stopStrays(run)).toEqual([]);
    expect(isAlive(other.pid ?? 0)).toBe(true);
  });

  it('passes over a record that was half written', async () => {
    const run = await folder();
    await writeFile(join(run, 'api.json'), '{"pid":');
    expect(await stopStrays(run)).toEqual([]);
  });
});

describe('the lock of a state directory', () => {
  it('keeps a second start out until it is released, and names the first', async () => {
    const root = await folder();
    const file = join(root, 'lock');
    const lock = lockStateDir(file, root);
    expect(() => lockStateDir(file, root)).toThrow(`another \`weir up\` (process ${process.pid}) runs on ${root}`);
    lock.release();
    lockStateDir(file, root).release();
  });
});
