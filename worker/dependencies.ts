import type { ComputeDependencies, ControlDependencies } from '../activities/dependencies.ts';
import type { Logger } from '../config/log.ts';
import { secretKeyFile } from '../config/secret-key-file.ts';
import type { Settings } from '../config/settings.ts';
import { openDatabase } from '../db/database.ts';
import { openAmphoraDriver } from '../drivers/amphora/open.ts';
import { openCertificateAuthority } from '../drivers/certificates/open.ts';
import { loadSecretKey, openSealer } from '../drivers/certificates/sealing.ts';
import { openComputeDriver } from '../drivers/compute/open.ts';
import { openNetworkDriver } from '../drivers/network/open.ts';
import type { Tracing } from '../tracing/contract.ts';
import { tracedDriver } from '../tracing/drivers.ts';

/** Opens the database and the drivers that the settings name. Nothing connects yet. */
export async function openDependencies(
  settings: Settings,
  applicationName: string,
  log: Logger,
  tracing?: Tracing,
): Promise<ControlDependencies & ComputeDependencies> {
  const db = openDatabase({
    url: settings.databaseUrl,
    maxConnections: settings.databasePool,
    applicationName,
    connectionTimeoutMs: 5_000,
    onError: (error) => log.warn({ err: error }, 'database connection lost'),
  });
  const sealer = openSealer(await loadSecretKey(secretKeyFile(settings)));
  const certificates = openCertificateAuthority(db, sealer, settings);
  return {
    db,
    sealer,
    certificates: tracedDriver(tracing, 'certificates', certificates),
    settings,
    network: tracedDriver(tracing, 'network', openNetworkDriver(settings, db)),
    // What it asks of the authority for each connection is a part of its calls, and nearly always at hand.
    amphora: tracedDriver(tracing, 'amphora', openAmphoraDriver(settings, certificates)),
    compute: tracedDriver(tracing, 'compute', openComputeDriver(settings, log)),
  };
}
