/** The sources as plain JavaScript in a temporary folder, for tests that need a process of ours that they can kill or confine. */
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export interface Program {
  /** Path of a compiled file, named as in the sources. */
  path(source: string): string;
  remove(): Promise<void>;
}

/** Compiles these files with all that they import. */
export async function compile(...sources: readonly string[]): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-compiled-'));
  const options = [
    '--ignoreConfig',
    '--outDir',
    folder,
    '--rootDir',
    '.',
    '--module',
    'nodenext',
    '--target',
    'es2023',
  ];
  const typescript = resolve('node_modules/typescript/bin/tsc');
  const flags = ['--noCheck', '--skipLibCheck', '--rewriteRelativeImportExtensions'];
  await execute(process.execPath, [typescript, ...options, ...flags, ...sources]);
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  await copyFile('package.json', join(folder, 'package.json'));
  // Another user runs it.
  await chmod(folder, 0o755);
  return {
    path: (source) => join(folder, source.replace(/\.ts$/, '.js')),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
