import { spawn } from 'node:child_process';
import type { Logger } from '../log.ts';
import { interfaceOfAddress } from './addresses-in-use.ts';
import { versionOf } from './addresses.ts';
import { inNamespace } from './netns.ts';

/**
 * Tells the neighbours where IPv4 addresses live now, with a gratuitous ARP each (RFC 5227, 3), and does not wait for
 * it. For IPv6 the kernel says so itself when an address is set (net.ipv6.conf.all.ndisc_notify). An address that no
 * interface has is left out, as is everything when arping is not installed: switches learn it a little later.
 */
export async function advertise(addresses: readonly string[], log: Logger): Promise<void> {
  for (const address of addresses.filter((candidate) => versionOf(candidate) === 4)) {
    const name = await interfaceOfAddress(address);
    if (name !== null) announce(name, address, log);
  }
}

function announce(name: string, address: string, log: Logger): void {
  const { program, args } = inNamespace('arping', ['-q', '-U', '-c', '2', '-w', '2', '-I', name, address]);
  const child = spawn(program, args, { stdio: 'ignore', timeout: 5000 });
  child.once('error', (error) => log.debug({ err: error }, 'no gratuitous ARP'));
  child.unref();
}
