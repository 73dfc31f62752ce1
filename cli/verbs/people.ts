/** The verbs for people: everything on one machine, and what is missing for it. */
import type { Command } from 'commander';
import type { Settings } from '../../config/settings.ts';
import { addSettings, configurationOf } from '../options.ts';
import { stopSignal } from '../signals.ts';

const upNames: readonly (keyof Settings)[] = [
  'stateDir',
  'apiHost',
  'apiPort',
  'temporalPort',
  'temporalUiPort',
  'temporalBin',
  'temporalBinVersion',
  'cacheDir',
  'databaseUrl',
  'temporalAddress',
  'temporalNamespace',
  'healthBindPort',
  'managementCidr',
  'managementBridge',
  'defaultSubnetCidr',
  'metricsPort',
  'otlpEndpoint',
  'logLevel',
];

export function addPeopleVerbs(weir: Command): void {
  const up = weir
    .command('up')
    .description('run the whole control plane here, in the foreground, with its own PostgreSQL and Temporal')
    .addHelpText('after', '\nWith --database-url or --temporal-address it uses yours instead of its own.');
  addSettings(up, upNames, true).action(async () => {
    const { up: runUp } = await import('../up/up.ts');
    process.exitCode = await runUp({ configuration: configurationOf(up), signal: stopSignal(), terminal: print });
  });
  const quickstart = weir
    .command('quickstart')
    .description('run everything and build a highly available load balancer with traffic through it')
    .option('--once', 'then fail its master, show the outage, delete everything, prove that nothing is left, and stop');
  addSettings(quickstart, upNames, true).action(async ({ once = false }: { once?: boolean }) => {
    const { quickstart: run } = await import('../quickstart/quickstart.ts');
    const options = { configuration: configurationOf(quickstart), signal: stopSignal(), terminal: print };
    process.exitCode = await run(options, once);
  });
  const doctorCommand = weir
    .command('doctor')
    .description('name what this machine lacks for Weir, with the command that mends it');
  addSettings(doctorCommand, upNames).action(async () => {
    const { doctor } = await import('../doctor/doctor.ts');
    process.exitCode = await doctor(configurationOf(doctorCommand), print);
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
