import { Migrator, NO_MIGRATIONS, type Migration, type MigrationProvider, type MigrationResult } from 'kysely';
import * as initial from '../migrations/0001_initial.ts';
import * as operationRecord from '../migrations/0002_operation_record.ts';
import * as loadBalancerName from '../migrations/0003_operation_load_balancer_name.ts';
import * as memberPortPlugged from '../migrations/0004_member_port_plugged.ts';
import * as operationAsked from '../migrations/0005_operation_asked.ts';
import type { Db } from './database.ts';

const migrations: Record<string, Migration> = {
  '0001_initial': initial,
  '0002_operation_record': operationRecord,
  '0003_operation_load_balancer_name': loadBalancerName,
  '0004_member_port_plugged': memberPortPlugged,
  '0005_operation_asked': operationAsked,
};

const provider: MigrationProvider = { getMigrations: () => Promise.resolve(migrations) };

/** Brings the schema to the newest version, or to `target` (a migration's name, or `none` for an empty schema). Throws the first failure. */
export async function migrate(db: Db, target?: string): Promise<readonly MigrationResult[]> {
  const migrator = new Migrator({ db, provider });
  const { error, results = [] } =
    target === undefined
      ? await migrator.migrateToLatest()
      : await migrator.migrateTo(target === 'none' ? NO_MIGRATIONS : target);
  if (error !== undefined) throw error instanceof Error ? error : new Error('migration failed', { cause: error });
  return results;
}

/** The migrations known to this build and when each was applied, oldest first. */
export function migrationStatus(db: Db): ReturnType<Migrator['getMigrations']> {
  return new Migrator({ db, provider }).getMigrations();
}
