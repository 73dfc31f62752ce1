import type { Settings } from '../../config/settings.ts';
import type { Db } from '../../db/database.ts';
import type { NetworkDriver, NetworkReader } from './contract.ts';
import { linuxNetwork } from './linux.ts';
import { noopNetwork } from './noop.ts';

/** The network driver that the settings name. Nothing is contacted before the first call. */
export function openNetworkDriver(settings: Pick<Settings, 'networkDriver'>, db: Db): NetworkDriver {
  return settings.networkDriver === 'noop' ? noopNetwork() : linuxNetwork(db);
}

/** The part of the same driver that only answers questions. */
export function openNetworkReader(settings: Pick<Settings, 'networkDriver'>, db: Db): NetworkReader {
  return openNetworkDriver(settings, db);
}
