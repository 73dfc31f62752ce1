import type { Configuration } from '../options.ts';
import { repairLine } from './repair.ts';
import { allChecks, examine, type Examined } from './examine.ts';
import type { Mode } from './finding.ts';

const everything: Mode = { linuxDrivers: true, ownPostgres: true, ownTemporal: true };
const pretended: Mode = { ...everything, linuxDrivers: false };

/** Prints what is there and what is missing, with the command that mends it. Returns the exit code: 0 when nothing is missing. */
export async function doctor(configuration: Configuration, print: (line: string) => void): Promise<number> {
  const stuck = repairLine(configuration);
  const checks = allChecks(configuration.settings);
  const examined = await examine(checks, everything);
  const names = new Set(checks.filter((check) => check.neededFor(pretended)).map((check) => check.name));
  print(`Node.js ${process.version}`);
  print('\nneeded by every `weir up`:');
  for (const one of examined.filter(({ name }) => names.has(name))) print(describe(one));
  print('\nneeded for amphorae on this machine (not with --drivers noop):');
  for (const one of examined.filter(({ name }) => !names.has(name))) print(describe(one));
  const line = await stuck;
  if (line !== null) print(`\n${line}`);
  const bad = examined.filter(({ finding }) => !finding.ok);
  print(bad.length === 0 ? '\nnothing is missing' : `\nmissing: ${bad.map(({ name }) => name).join(', ')}`);
  return bad.length === 0 ? 0 : 1;
}

/** `  ok       name    detail`, and for what is missing a second line with the mending command. */
export function describe({ name, finding }: Examined): string {
  const line = `  ${finding.ok ? 'ok     ' : 'missing'}  ${name.padEnd(18)}  ${finding.detail}`;
  return finding.ok ? line : `${line}\n           ${''.padEnd(18)}  → ${finding.mend}`;
}
