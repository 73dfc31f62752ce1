import { describe, expect, it } from 'vitest';
import { InvalidSetting, loadSettings } from '../../config/settings.ts';

describe('an address among the settings', () => {
  it.each([
    'postgres://weir:secret@db:5432/weir',
    'postgresql://db/weir',
    'postgres://weir:secret@/weir?host=/run/postgresql',
    'postgres://weir@[::1]:5432/weir',
  ])('of PostgreSQL may be %s', (url) => {
    expect(loadSettings({ WEIR_DATABASE_URL: url }).databaseUrl).toBe(url);
  });

  it.each(['db:5432/weir', 'weir:secret@db', 'mysql://weir:secret@db/weir', 'postgres://weir:sec/ret@db:5432/weir'])(
    'of PostgreSQL may not be %s: the error names the variable and shows nothing of it',
    (url) => {
      const load = (): unknown => loadSettings({ WEIR_DATABASE_URL: url });
      expect(load).toThrow(InvalidSetting);
      expect(load).toThrow(/^WEIR_DATABASE_URL: must be postgres:\/\/user:password@host:port\/name, /);
      expect(load).not.toThrow(/sec|mysql|5432/);
    },
  );

  it('of the API that is measured must be one of HTTP', () => {
    expect(loadSettings({ WEIR_BENCH_BASE_URL: 'http://api:9876' }).benchBaseUrl).toBe('http://api:9876');
    expect(() => loadSettings({ WEIR_BENCH_BASE_URL: 'api:9876' })).toThrow(
      /^WEIR_BENCH_BASE_URL: must be an address /,
    );
  });
});
