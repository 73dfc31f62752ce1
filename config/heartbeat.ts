import { firstAddress } from './cidr.ts';
import type { Settings } from './settings.ts';

/** Where amphorae send heartbeats, `ip:port` each: as set, or this host's own address on the management network. */
export function heartbeatControllers(settings: Settings): readonly string[] {
  const named = settings.healthControllers.split(',').filter((entry) => entry !== '');
  return named.length > 0 ? named : [`${firstAddress(settings.managementCidr)}:${settings.healthBindPort}`];
}
