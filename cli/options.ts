/** Options of the command line, made from the settings: one name, one meaning, one default for both. */
import { readFileSync } from 'node:fs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { holdsPassword } from '../config/database-url.ts';
import { environmentOf, loadSettings, settingTable, type Settings } from '../config/settings.ts';
import { PlainError } from './fatal.ts';

type SettingName = keyof Settings;

interface SettingFacts {
  readonly env: string;
  readonly default: string | number | boolean;
  readonly meaning: string;
  readonly parse: (text: string) => string | number | boolean;
  readonly secret?: true;
}

/** A secret is named by a file, because everyone on the machine can read a process's arguments. */
const readFromFile: ReadonlySet<SettingName> = new Set(['temporalApiKey', 'heartbeatKey']);

const databaseNames: readonly SettingName[] = ['databaseUrl', 'databasePool'];
/** Settings that say where Temporal is and how to speak with it. */
export const temporalNames: readonly SettingName[] = [
  'temporalAddress',
  'temporalNamespace',
  'temporalTls',
  'temporalTlsCa',
  'temporalTlsCert',
  'temporalTlsKey',
  'temporalApiKey',
  'taskQueue',
];
const driverNames: readonly SettingName[] = ['computeDriver', 'networkDriver', 'amphoraDriver'];

/** Settings that the processes of a real deployment take. */
export const deploymentNames = [
  ...databaseNames,
  ...temporalNames,
  'stateDir',
  'secretKeyFile',
  'logLevel',
  'metricsPort',
  'otlpEndpoint',
] as const;

/** The three drivers under one name: `host` runs amphorae on this machine, `noop` pretends. */
const driverSets: Readonly<Record<string, Partial<Settings>>> = {
  host: { computeDriver: 'host', networkDriver: 'linux', amphoraDriver: 'rest' },
  noop: { computeDriver: 'noop', networkDriver: 'noop', amphoraDriver: 'noop' },
};

/** Adds an option for each setting, and `--drivers` if asked for. */
export function addSettings(command: Command, names: readonly SettingName[], drivers = false): Command {
  for (const name of names) command.addOption(optionOf(name));
  if (drivers) {
    command.addOption(
      new Option('--drivers <set>', 'host: amphorae on this machine; noop: pretend.').choices(Object.keys(driverSets)),
    );
    for (const name of driverNames) command.addOption(optionOf(name).hideHelp());
  }
  return command;
}

function optionOf(name: SettingName): Option {
  const facts: SettingFacts = settingTable[name];
  const flag = `--${facts.env
    .replace(/^WEIR_/, '')
    .toLowerCase()
    .replaceAll('_', '-')}`;
  const shown = facts.default === '' ? '' : `, default ${facts.default}`;
  const meaning = `${facts.meaning} (${facts.env}${shown})`;
  if (readFromFile.has(name)) {
    const option = new Option(`${flag}-file <file>`, `File with: ${meaning}`);
    return attribute(option, name).argParser((file: string) => readFileSync(file, 'utf8').trim());
  }
  if (typeof facts.default === 'boolean') return attribute(new Option(flag, meaning), name);
  const option = new Option(`${flag} <value>`, meaning);
  return attribute(option, name).argParser((text: string) => {
    if (holdsPassword(text)) throw new PlainError(publicPassword(flag, facts.env));
    return parse(facts, flag, text);
  });
}

function parse(facts: SettingFacts, flag: string, text: string): string | number | boolean {
  try {
    return facts.parse(text);
  } catch (error) {
    const { message } = error as Error;
    // Commander shows the text of an invalid argument.
    throw facts.secret === true ? new PlainError(`${flag}: ${message}`) : new InvalidArgumentError(message);
  }
}

const publicPassword = (flag: string, env: string): string =>
  `${flag} holds a password, and everyone on this machine can read the arguments of a process: give it in ${env}`;

/** The option's value is found under the setting's own name. */
function attribute(option: Option, name: SettingName): Option {
  option.attributeName = () => name;
  return option;
}

export interface Configuration {
  readonly settings: Settings;
  /** Whether the setting was given, by option or environment, rather than left at its default. */
  given(name: SettingName): boolean;
}

/** All settings: options over environment over defaults. Throws InvalidSetting. */
export function configurationOf(command: Command): Configuration {
  const options = command.opts<Record<string, unknown>>();
  const named = Object.entries(options).filter(([name]) => name in settingTable);
  const drivers = driverSets[String(options['drivers'])] ?? {};
  const overrides: Partial<Settings> = { ...drivers, ...Object.fromEntries(named) };
  return {
    settings: loadSettings(process.env, overrides),
    given: (name) => name in overrides || (process.env[settingTable[name].env] ?? '') !== '',
  };
}

/** The environment that hands all of these settings to a child process. Secrets travel here, never in arguments. */
export function childEnvironment(settings: Settings): NodeJS.ProcessEnv {
  return { ...process.env, ...environmentOf(settings) };
}
