import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { sql } from 'kysely';
import { parseDatabaseUrl } from '../../config/database-url.ts';
import type { Settings } from '../../config/settings.ts';
import { openDatabase, type Db } from '../../db/database.ts';
import type { NetworkDriver } from '../../drivers/network/contract.ts';
import { openNetworkDriver } from '../../drivers/network/open.ts';
import { openTemporalClient } from '../../temporal/client.ts';
import { messageOf, PlainError } from '../fatal.ts';
import type { Configuration } from '../options.ts';
import { databaseUrl } from '../postgres/cluster.ts';
import { personHere } from '../process/person.ts';

/** What looking for stuck things and mending them works with. */
export interface RepairContext {
  readonly db: Db;
  readonly client: Client;
  readonly network: NetworkDriver;
  readonly settings: Settings;
  /** Ms that something must be open or ownerless before it counts. */
  readonly olderThanMs: number;
  /** Who repairs, for the record. */
  readonly by: string;
}

/** How long something must be open or ownerless before it counts, unless a person says otherwise. */
export const defaultOlderThanMs = 5 * 60_000;

/** Opens the database and Temporal, does the work, closes both. Throws PlainError when either does not answer. */
export async function withRepairContext<T>(
  configuration: Configuration,
  olderThanMs: number,
  work: (context: RepairContext) => Promise<T>,
  connectLimitMs = 5_000,
): Promise<T> {
  const settings = await settingsOfUp(configuration);
  const db = openDatabase({
    url: settings.databaseUrl,
    maxConnections: 4,
    applicationName: 'weir repair',
    connectionTimeoutMs: connectLimitMs,
  });
  const client = openTemporalClient(settings);
  try {
    await requireTemporal(client, settings, connectLimitMs);
    await requireDatabase(db, settings);
    const network = openNetworkDriver(settings, db);
    return await work({ db, client, network, settings, olderThanMs, by: personHere() });
  } finally {
    await Promise.all([client.connection.close(), db.destroy()]);
  }
}

/** Where none are named, the servers are those that `weir up` runs from the state folder, if it ever did. */
async function settingsOfUp(configuration: Configuration): Promise<Settings> {
  const { settings } = configuration;
  const folder = join(settings.stateDir, 'postgres');
  const read = (name: string): Promise<string> =>
    readFile(join(folder, name), 'utf8').then(
      (text) => text.trim(),
      () => '',
    );
  const [port, password] = await Promise.all([read('port'), read('password')]);
  const own = !configuration.given('databaseUrl') && port !== '' && password !== '';
  const ownTemporal = !configuration.given('temporalAddress') && settings.temporalPort !== 0;
  return {
    ...settings,
    ...(own && { databaseUrl: databaseUrl(Number(port), 'weir', password, 'weir') }),
    ...(ownTemporal && { temporalAddress: `127.0.0.1:${settings.temporalPort}` }),
  };
}

async function requireDatabase(db: Db, settings: Settings): Promise<void> {
  try {
    await sql`select 1`.execute(db);
  } catch (error) {
    const place = parseDatabaseUrl(settings.databaseUrl)?.host ?? '';
    const reason = error instanceof Error ? messageOf(error) : String(error);
    throw new PlainError(`PostgreSQL cannot be used on ${place} (WEIR_DATABASE_URL): ${reason}`, { cause: error });
  }
}

async function requireTemporal(
  client: Client,
  { temporalAddress, temporalNamespace }: Settings,
  limitMs: number,
): Promise<void> {
  try {
    await client.withDeadline(Date.now() + limitMs, () =>
      client.workflowService.describeNamespace({ namespace: temporalNamespace }),
    );
  } catch (error) {
    throw new PlainError(`Temporal does not answer on ${temporalAddress} (WEIR_TEMPORAL_ADDRESS)`, { cause: error });
  }
}
