import type { Command } from 'commander';
import type { Db } from '../../db/database.ts';
import { addSettings, configurationOf } from '../options.ts';

/** `weir db migrate [--to NAME]` and `weir db status`. */
export function addDatabaseVerb(weir: Command): void {
  const db = weir.command('db').description('the schema of the database');
  const migrateCommand = db
    .command('migrate')
    .description('bring the schema to the newest version, or to another with --to')
    .option('--to <migration>', 'name of the migration to end at, or `none` for an empty schema');
  addSettings(migrateCommand, ['databaseUrl', 'logLevel']).action(async ({ to }: { to?: string }) =>
    withDatabase(migrateCommand, async (database) => {
      const { migrate } = await import('../../db/migrate.ts');
      const results = await migrate(database, to);
      for (const { migrationName, direction } of results) print(`${direction} ${migrationName}`);
      if (results.length === 0) print('nothing to do');
    }),
  );
  const statusCommand = db.command('status').description('show the migrations and when each was applied');
  addSettings(statusCommand, ['databaseUrl', 'logLevel']).action(async () =>
    withDatabase(statusCommand, async (database) => {
      const { migrationStatus } = await import('../../db/migrate.ts');
      for (const { name, executedAt } of await migrationStatus(database)) {
        print(`${name}  ${executedAt === undefined ? 'not applied' : executedAt.toISOString()}`);
      }
    }),
  );
}

async function withDatabase(command: Command, work: (db: Db) => Promise<void>): Promise<void> {
  const { settings } = configurationOf(command);
  const { openDatabase } = await import('../../db/database.ts');
  const db = openDatabase({
    url: settings.databaseUrl,
    maxConnections: 1,
    applicationName: 'weir db',
    connectionTimeoutMs: 10_000,
  });
  try {
    await work(db);
  } finally {
    await db.destroy();
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
