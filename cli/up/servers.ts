/** PostgreSQL and Temporal for `weir up`: its own, or those that it was given. */
import type { Settings } from '../../config/settings.ts';
import { openDatabase } from '../../db/database.ts';
import { migrate } from '../../db/migrate.ts';
import type { Mode } from '../doctor/finding.ts';
import { obtainTemporal, temporalBinaryOptions } from '../temporal/binary.ts';
import type { Crew } from './crew.ts';
import { prepareEmbeddedPostgres } from './postgres.ts';
import type { StateDir } from './state-dir.ts';
import { prepareEmbeddedTemporal } from './temporal.ts';

export interface TemporalReached {
  readonly settings: Pick<Settings, 'temporalAddress' | 'temporalUiUrl'>;
  /** Waits until the namespace can be used. Throws PlainError when it cannot, and once the signal aborts. */
  ready(signal: AbortSignal): Promise<void>;
}

/** Starts PostgreSQL unless there is one, and brings the schema up to date. */
export async function serveDatabase(
  settings: Settings,
  mode: Mode,
  state: StateDir,
  crew: Crew,
  signal: AbortSignal,
): Promise<Pick<Settings, 'databaseUrl'>> {
  let { databaseUrl } = settings;
  if (mode.ownPostgres) {
    const postgres = await prepareEmbeddedPostgres(state);
    crew.add(postgres.spec, true);
    await postgres.ready(signal);
    databaseUrl = postgres.url;
  }
  await bringUpToDate(databaseUrl);
  return { databaseUrl };
}

async function bringUpToDate(url: string): Promise<void> {
  const db = openDatabase({ url, maxConnections: 1, applicationName: 'weir up', connectionTimeoutMs: 10_000 });
  try {
    await migrate(db);
  } finally {
    await db.destroy();
  }
}

/** Starts Temporal unless there is one, downloading the program first if need be. */
export async function serveTemporal(
  settings: Settings,
  mode: Mode,
  state: StateDir,
  crew: Crew,
  say: (text: string) => void,
): Promise<TemporalReached> {
  const { temporalAddress, temporalUiUrl } = settings;
  if (!mode.ownTemporal) return { settings: { temporalAddress, temporalUiUrl }, ready: () => Promise.resolve() };
  const binary = await obtainTemporal(temporalBinaryOptions(settings), () =>
    say(`downloading the Temporal server into ${settings.cacheDir} (about 45 MB) …`),
  );
  const temporal = await prepareEmbeddedTemporal(settings, binary, state.temporalFile);
  crew.add(temporal.spec, true);
  return {
    settings: { temporalAddress: temporal.address, temporalUiUrl: temporal.uiUrl },
    ready: (signal) => temporal.ready(signal),
  };
}
