/** `weir test`: everything that must hold before a change is merged, in the order in which answers come fastest. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlainError } from '../fatal.ts';
import { installationRoot } from '../../config/installation.ts';
import { proofTable } from './proof-table.ts';
import { closingLine, totals, type VitestReport } from './closing-line.ts';

interface Check {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
}

const checks: readonly Check[] = [
  { name: 'types', program: 'tsc', args: ['--noEmit'] },
  { name: 'lint', program: 'oxlint', args: ['--type-aware', '--deny-warnings'] },
  { name: 'format', program: 'prettier', args: ['--check', '--log-level', 'warn', '.'] },
  { name: 'dead code', program: 'knip', args: ['--no-progress'] },
];

/**
 * Runs the checks and all tests, or only the tests of one area, and prints the closing line. Returns the exit code.
 * Throws PlainError for an area that has no tests.
 */
export async function runChecks(area: string | undefined, vitestArgs: readonly string[]): Promise<number> {
  const isOption = area?.startsWith('-') === true;
  const filter = area === undefined || isOption ? [] : [areaFolder(area)];
  const rest = isOption ? [area, ...vitestArgs] : vitestArgs;
  if (area === 'flows') process.env['WEIR_PROVE_ALL'] = '1';
  let failedChecks = 0;
  for (const check of area === undefined ? checks : []) {
    process.stdout.write(`weir test: ${check.name}\n`);
    const code = await runTool(check.program, check.args);
    if (code !== 0) {
      failedChecks += 1;
      process.stdout.write(`weir test: ${check.name} failed\n`);
    }
  }
  const { report, exitCode } = await runVitest([...filter, ...rest]);
  for (const line of proofTable(report)) process.stdout.write(`${line}\n`);
  const counts = totals(report, exitCode, failedChecks);
  process.stdout.write(`${closingLine(counts)}\n`);
  return counts.failed === 0 ? 0 : 1;
}

function areaFolder(area: string): string {
  if (!existsSync(join(installationRoot(), 'test', area))) throw new PlainError(`there is no folder test/${area}`);
  return `test/${area}`;
}

async function runVitest(args: readonly string[]): Promise<{ report: VitestReport | undefined; exitCode: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-test-report-'));
  const file = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  try {
    const exitCode = await runTool('vitest', ['run', ...reporters, ...args]);
    const text = existsSync(file) ? await readFile(file, 'utf8') : undefined;
    return { report: text === undefined ? undefined : (JSON.parse(text) as VitestReport), exitCode };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs a program of node_modules/.bin on our terminal and gives its exit code. */
function runTool(program: string, args: readonly string[]): Promise<number> {
  const root = installationRoot();
  return new Promise((resolve, reject) => {
    const child = spawn(join(root, 'node_modules/.bin', program), args, { cwd: root, stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
