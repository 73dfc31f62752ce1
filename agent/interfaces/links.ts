import { runChecked } from '../process/run.ts';
import { amphoraNamespace } from './netns.ts';

interface Link {
  readonly ifname: string;
  readonly address?: string;
}

/** Where an interface is looked for: outside (management and new ports) or in the amphora's namespace. */
export type Side = 'outside' | 'inside';

export async function listLinks(side: Side): Promise<readonly Link[]> {
  const namespace = side === 'inside' ? ['-n', amphoraNamespace] : [];
  const text = await runChecked('ip', [...namespace, '-j', 'link', 'show']);
  return JSON.parse(text) as Link[];
}

/** Name of the interface with a MAC address, or null. */
export async function interfaceByMac(side: Side, mac: string): Promise<string | null> {
  const links = await listLinks(side);
  return links.find(({ address }) => address === mac.toLowerCase())?.ifname ?? null;
}

/** Moves an interface into the namespace under a new name. Throws ProgramFailed. */
export async function moveInside(name: string, insideName: string): Promise<void> {
  await runChecked('ip', ['link', 'set', 'dev', name, 'netns', amphoraNamespace, 'name', insideName]);
}

/** The first name from eth2 on that nobody has (Octavia: plug.py, _netns_get_next_interface). */
export async function nextInterfaceName(): Promise<string> {
  const names = new Set((await listLinks('inside')).map(({ ifname }) => ifname));
  for (let index = 2; ; index += 1) if (!names.has(`eth${index}`)) return `eth${index}`;
}
