import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { PlainError } from '../fatal.ts';

const lockedElsewhere = 75;

/**
 * Takes the state directory for this process, until it ends in whatever way. Throws PlainError when another has it.
 * flock(1) locks the open file that it is handed, and this process keeps that file open; children do not inherit it.
 */
export function lockStateDir(lockFile: string, root: string): { release(): void } {
  const file = openSync(lockFile, 'a+', 0o600);
  const args = ['--exclusive', '--nonblock', '--conflict-exit-code', String(lockedElsewhere), '3'];
  const { status, error } = spawnSync('flock', args, { stdio: ['ignore', 'ignore', 'ignore', file] });
  if (status !== 0) {
    closeSync(file);
    if (status !== lockedElsewhere) throw new PlainError(`flock failed: ${error?.message ?? `status ${status}`}`);
    const owner = readFileSync(lockFile, 'utf8').trim();
    throw new PlainError(
      `another \`weir up\` (process ${owner}) runs on ${root}: stop it, or choose another folder with --state-dir`,
    );
  }
  writeFileSync(lockFile, `${process.pid}\n`);
  return { release: () => closeSync(file) };
}
