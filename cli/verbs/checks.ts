import type { Command } from 'commander';
import { configurationOf } from '../options.ts';

/** The verbs that try Weir itself: tests and measurements. Their arguments go to the tools behind them. */
export function addCheckVerbs(weir: Command): void {
  weir
    .command('test')
    .description('type check, lint, format, dead code, and all tests; the last line counts them')
    .argument('[area]', 'only the tests of one folder of test/: api, flows, drivers, e2e, …')
    .argument('[vitest...]', 'arguments for vitest')
    .allowUnknownOption()
    .action(async (area: string | undefined, rest: readonly string[]) => {
      const { runChecks } = await import('../check/run.ts');
      process.exitCode = await runChecks(area, rest);
    });
  const bench = weir
    .command('bench')
    .description('measure; one line of JSON for each measurement')
    .argument('[name...]', 'create, burst, edit, flow, list, traffic, heartbeats; all when none is named')
    .action(async (names: readonly string[]) => {
      const { runBench } = await import('../../bench/main.ts');
      await runBench(names, configurationOf(bench).settings);
    });
}
