import type { Settings } from '../../config/settings.ts';
import type { Db } from '../../db/database.ts';
import type { NetworkDriver } from './contract.ts';
import { linuxNetwork } from './linux.ts';
import { noopNetwork } from './noop.ts';

/** The network driver that the settings name. Nothing is contacted before the first call. */
export function openNetworkDriver(settings: Pick<Settings, 'networkDriver'>, db: Db): NetworkDriver {
  return settings.networkDriver === 'noop' ? noopNetwork() : linuxNetwork(db);
}
