import { randomInt } from 'node:crypto';
import { networkInterfaces } from 'node:os';

/** The first three bytes, with the dot after them, of a /24 below the two given ones of which this machine has no address. */
export function freeNetwork(prefix: string): string {
  const taken = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? []);
  for (;;) {
    const start = `${prefix}.${randomInt(256)}.`;
    if (!taken.some((address) => address.startsWith(start))) return start;
  }
}
