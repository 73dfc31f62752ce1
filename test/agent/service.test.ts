import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitFor } from '../../agent/process/wait.ts';
import { Service } from '../../agent/process/service.ts';
import { until } from './support/lab.ts';
import { silentLog } from './support/log.ts';

let folder: string;
let service: Service;
let old: ChildProcess;

/** Writes its pid; on SIGUSR2 it empties that file and executes itself anew under arguments that do not name it. */
const program = `
  trap ': > "$1"; exec sleep 600' USR2
  echo $$ > "$1"
  while :; do sleep 0.02; done`;

const pidFile = (): string => join(folder, 'pid');
const args = (): string[] => ['-c', program, 'sh', pidFile()];

/** A program that a killed agent has left, and the service of the agent that comes after it. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-service-'));
  old = spawn('sh', args(), { detached: true, stdio: 'ignore' });
  await until('the program runs', () => readIfThere(pidFile()).trim() === String(old.pid));
  const definition = { name: 'test', pidFile: pidFile(), logFile: join(folder, 'log'), program: 'sh', args: args() };
  service = new Service(definition, silentLog());
});

afterEach(async () => {
  await service.stop(0);
  old.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

test('a program taken over stays the same one while it executes itself anew', async () => {
  await service.start();
  expect(service.pid).toBe(old.pid);
  old.kill('SIGUSR2');
  await until('the program is another', () => readIfThere(`/proc/${old.pid ?? 0}/cmdline`).startsWith('sleep'));
  expect(readFileSync(pidFile(), 'utf8')).toBe('');
  expect(service.pid).toBe(old.pid);
});

test('a program taken over is started again when it is killed', async () => {
  await service.start();
  old.kill('SIGKILL');
  await until('another one runs', () => service.pid !== null && service.pid !== old.pid);
  await until('it has written its pid', () => readIfThere(pidFile()).trim() !== String(old.pid));
  expect(readIfThere(pidFile()).trim()).toBe(String(service.pid));
});

test('a start that comes while the pid file is being written takes the program over all the same', async () => {
  writeFileSync(pidFile(), '');
  const started = service.start();
  writeFileSync(pidFile(), `${old.pid ?? 0}\n`);
  await started;
  expect(service.pid).toBe(old.pid);
});

test('a pid file that stays empty keeps nothing from starting', async () => {
  old.kill('SIGKILL');
  writeFileSync(pidFile(), '');
  await service.start();
  expect(await waitFor(10_000, () => service.pid)).not.toBe(old.pid);
  await until('it has written its pid', () => readIfThere(pidFile()).trim() === String(service.pid));
});

test('a pid that another process has by now is not taken over', async () => {
  writeFileSync(pidFile(), `${process.pid}\n`);
  await service.start();
  expect(service.pid).not.toBe(process.pid);
});

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
