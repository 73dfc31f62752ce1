/** Names of the interfaces on a host: at most 15 bytes, found again from the id alone. */
import { createHash } from 'node:crypto';

const digits = (id: string, length: number): string => id.replaceAll('-', '').slice(0, length).toLowerCase();

/** The bridge of a tenant network. */
export const bridgeOf = (networkId: string): string => `wb${digits(networkId, 10)}`;

/** A tenant port's end on the host; the other end has the same name until the agent renames it. */
export const portLink = (portId: string): string => `wp${digits(portId, 12)}`;

/** An amphora's management interface on the host. */
export const managementLink = (computeId: string): string => `wm${digits(computeId, 12)}`;

/** Whether an interface is the host's end of anything plugged by us. */
export const isPlugged = (link: string): boolean => /^w[pm][0-9a-f]{12}$/.test(link);

/** A MAC address that stays the same for a name: locally administered, unicast. */
export function macOf(name: string): string {
  const bytes = createHash('sha256').update(name).digest().subarray(0, 5);
  return ['02', ...[...bytes].map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
}
