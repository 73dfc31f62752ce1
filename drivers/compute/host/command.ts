/** Runs the system's own tools. Arguments are always a list: no value ever passes through a shell. */
import { spawn } from 'node:child_process';
import { DriverError } from '../../errors.ts';

/** The Debian package that a tool comes from. */
const packages: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  nft: 'nftables',
  unshare: 'util-linux',
  nsenter: 'util-linux',
};

/** Thrown when a tool says no; `message` is its own first line. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

/** Programs of the administrator are not on everyone's PATH. */
export const systemPath = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`;

/** What to say when a tool cannot be started. */
export function cannotStart(program: string, error: NodeJS.ErrnoException): DriverError {
  const install = packages[program];
  const hint = install === undefined ? '' : ` (Debian package ${install})`;
  const reason = error.code === 'ENOENT' ? `'${program}' is not installed${hint}` : `'${program}': ${error.message}`;
  return new DriverError('NoValidHost', `This host cannot run amphorae: ${reason}.`, { cause: error });
}

/** What to say when a tool said no. */
export function refused(program: string, stderr: string): Error {
  const [first = '', second = ''] = stderr.trim().split('\n');
  if (/operation not permitted|permission denied|must be root/i.test(stderr)) {
    const needs = 'needs root, or user, network and mount namespaces of its own (unshare -Urnm)';
    return new DriverError('NoValidHost', `This host cannot run amphorae: ${program} ${needs}: ${first}`);
  }
  return new CommandFailed(`${program}: ${first}${second === '' ? '' : ` (${second})`}`);
}

/** Runs a tool to its end and returns what it wrote. Throws CommandFailed, and NoValidHost when it is missing or not allowed. */
export function run(program: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { PATH: systemPath, LC_ALL: 'C' }, stdio: 'pipe' });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', (error) => reject(cannotStart(program, error)));
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(stdout).toString());
      else reject(refused(program, Buffer.concat(stderr).toString()));
    });
    // A tool that ends before it has read everything says so with its exit code.
    child.stdin.on('error', () => child.stdin.destroy());
    child.stdin.end(input);
  });
}
