import { InvalidArgumentError, Option, type Command } from 'commander';
import { addSettings, configurationOf, temporalNames } from '../options.ts';
import type { Action } from '../repair/finding.ts';

const settingNames = ['databaseUrl', ...temporalNames, 'stateDir', 'temporalPort'] as const;

const meanings: Readonly<Record<Action, string>> = {
  retry: 'try it now: a call of a clean-up, the steps of an operation, the removal of what nobody owns',
  adopt: 'take the open call of a clean-up as done, because it was done by hand or the thing is kept on purpose',
  'give-up': 'end a clean-up as failed, or cancel an operation, which takes back what it did',
};

const minutesMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** `90s`, `5m`, `2h` in ms. */
function durationMs(text: string): number {
  const [, count, unit] = /^(\d+)([smh])$/.exec(text) ?? [];
  const factor = minutesMs[unit ?? ''];
  if (count === undefined || factor === undefined) throw new InvalidArgumentError('such as 90s, 5m or 2h.');
  return Number(count) * factor;
}

const olderThan = (): Option =>
  new Option('--older-than <time>', 'what is younger is left to Weir itself')
    .default(5 * 60_000, '5m')
    .argParser(durationMs);

/** `weir repair`, and what can be done about each thing that it lists. */
export function addRepairVerb(weir: Command): void {
  // Options after the name of an action are the action's, though the list has some of the same name.
  const repair = weir
    .enablePositionalOptions()
    .command('repair')
    .description('list what is stuck and needs a person, and do something about it')
    .option('--list', 'list; the default')
    .option('--json', 'list as JSON')
    .addOption(olderThan())
    .addHelpText(
      'after',
      '\nExit code of the list: 0 when nothing needs a person, 3 when something does, 1 when it could not be found out.',
    )
    .enablePositionalOptions();
  addSettings(repair, settingNames, true).action(
    async ({ olderThan, json = false }: { olderThan: number; json?: boolean }) => {
      const { listStuck } = await import('../repair/repair.ts');
      process.exitCode = await listStuck(configurationOf(repair), { olderThanMs: olderThan, json }, print);
    },
  );
  for (const action of ['retry', 'adopt', 'give-up'] as const) addAction(repair, action);
}

interface ActionOptions {
  readonly olderThan: number;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly all?: boolean;
}

function addAction(repair: Command, action: Action): void {
  const command = repair
    .command(action)
    .description(meanings[action])
    .option('--dry-run', 'say what would be done, and change nothing')
    .addOption(olderThan());
  if (action === 'retry') command.argument('[id]', 'as weir repair lists it').option('--all', 'all that is listed');
  else command.argument('<id>', 'as weir repair lists it');
  if (action === 'give-up')
    command.option(
      '--force',
      'terminate the workflow of an operation, which takes nothing back and is failed, or of a clean-up that does not answer',
    );
  addSettings(command, settingNames, true).action(async (id: string | undefined, options: ActionOptions) => {
    if ((id === undefined) !== (options.all === true)) command.error(`error: name one id, or --all`);
    const { act } = await import('../repair/repair.ts');
    const { olderThan: olderThanMs, dryRun = false, force = false } = options;
    process.exitCode = await act(configurationOf(command), action, { olderThanMs, id, dryRun, force }, print);
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
