import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  addSettings,
  childEnvironment,
  configurationOf,
  deploymentNames,
  type Configuration,
} from '../../cli/options.ts';

function parse(...args: readonly string[]): Configuration {
  const command = new Command('test').exitOverride().configureOutput({ writeErr: () => undefined });
  addSettings(command, [...deploymentNames, 'apiPort'], true);
  command.parse(args, { from: 'user' });
  return configurationOf(command);
}

function environment(name: string, value: string): void {
  vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
}

describe('options of the command line', () => {
  it('override the environment, which overrides the default', () => {
    expect(parse().settings.apiPort).toBe(9876);
    environment('WEIR_API_PORT', '1111');
    expect(parse().settings.apiPort).toBe(1111);
    expect(parse('--api-port', '2222').settings.apiPort).toBe(2222);
  });

  it('tell what was given from what was left alone', () => {
    expect(parse().given('databaseUrl')).toBe(false);
    expect(parse('--database-url', 'postgres://db/weir').given('databaseUrl')).toBe(true);
    environment('WEIR_DATABASE_URL', 'postgres://db/weir');
    expect(parse().given('databaseUrl')).toBe(true);
  });

  it('choose all three drivers at once', () => {
    const { computeDriver, networkDriver, amphoraDriver } = parse('--drivers', 'noop').settings;
    expect([computeDriver, networkDriver, amphoraDriver]).toEqual(['noop', 'noop', 'noop']);
  });

  it('take an API key from a file, never as an argument', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'weir-options-')), 'key');
    writeFileSync(file, 'the-key\n');
    expect(parse('--temporal-api-key-file', file).settings.temporalApiKey).toBe('the-key');
    expect(() => parse('--temporal-api-key', 'the-key')).toThrow(/unknown option/);
  });

  it.each(['postgres://weir:secret@db/weir', 'postgres://weir@db/weir?password=secret'])(
    'take no password of the database, and name where it may stand: %s',
    (url) => {
      const give = (): unknown => parse('--database-url', url);
      expect(give).toThrow(/^--database-url holds a password, .*: give it in WEIR_DATABASE_URL$/);
      expect(give).not.toThrow(/secret/);
    },
  );

  it('show nothing of a secret that is malformed', () => {
    const give = (): unknown => parse('--database-url', 'weir:secret@db');
    expect(give).toThrow(/^--database-url: must be postgres:/);
    expect(give).not.toThrow(/secret/);
  });

  it('refuse a value that the setting does not take, and name the option', () => {
    expect(() => parse('--api-port', 'many')).toThrow(/--api-port.*must be a whole number/);
  });

  it('reach child processes through the environment', () => {
    environment('WEIR_DATABASE_URL', 'postgres://u:p@db/weir');
    const { settings } = parse('--temporal-tls');
    expect(childEnvironment(settings)).toMatchObject({
      WEIR_DATABASE_URL: 'postgres://u:p@db/weir',
      WEIR_TEMPORAL_TLS: 'true',
    });
  });
});
