/** The programs of the system that amphorae and their networks are made with. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { always, found, missing, type Check, type Finding } from './finding.ts';

const run = promisify(execFile);

interface Program {
  readonly name: string;
  readonly debianPackage: string;
  readonly versionArgs: readonly string[];
}

const linuxPrograms: readonly Program[] = [
  { name: 'haproxy', debianPackage: 'haproxy', versionArgs: ['-v'] },
  { name: 'keepalived', debianPackage: 'keepalived', versionArgs: ['--version'] },
  { name: 'nft', debianPackage: 'nftables', versionArgs: ['--version'] },
  { name: 'ip', debianPackage: 'iproute2', versionArgs: ['-V'] },
  { name: 'arping', debianPackage: 'iputils-arping', versionArgs: ['-V'] },
  { name: 'nsenter', debianPackage: 'util-linux', versionArgs: ['--version'] },
];

const everywhere: readonly Program[] = [
  { name: 'setpriv', debianPackage: 'util-linux', versionArgs: ['--version'] },
  { name: 'flock', debianPackage: 'util-linux', versionArgs: ['--version'] },
];

export const programChecks: readonly Check[] = [
  ...everywhere.map((program) => ({ name: program.name, neededFor: always, run: () => versionOf(program) })),
  ...linuxPrograms.map((program) => ({
    name: program.name,
    neededFor: ({ linuxDrivers }: { readonly linuxDrivers: boolean }) => linuxDrivers,
    run: () => versionOf(program),
  })),
];

async function versionOf(program: Program): Promise<Finding> {
  try {
    const { stdout, stderr } = await run(program.name, program.versionArgs, { timeout: 5_000 });
    return found(firstLine(stdout + stderr));
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string };
    // A program that runs but knows no such option is there all the same.
    if (code !== 'ENOENT') return found(firstLine(stdout + stderr));
    return missing('not found', `apt-get install -y ${program.debianPackage}`);
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
