import { runChecked } from '../process/run.ts';
import { compress } from './addresses.ts';
import { amphoraNamespace } from './netns.ts';

export interface AddressInfo {
  readonly local: string;
  readonly prefixlen: number;
  readonly scope: string;
  readonly dynamic?: boolean;
}

interface InterfaceAddresses {
  readonly ifname?: string;
  readonly addr_info?: readonly Partial<AddressInfo>[];
}

/** The addresses of the interfaces in the namespace, or of one of them. */
export async function addressesInUse(name?: string): Promise<ReadonlyMap<string, readonly AddressInfo[]>> {
  const device = name === undefined ? [] : ['dev', name];
  const text = await runChecked('ip', ['-n', amphoraNamespace, '-j', 'addr', 'show', ...device]);
  const interfaces = JSON.parse(text) as InterfaceAddresses[];
  const entries = interfaces.flatMap(({ ifname, addr_info: info = [] }): [string, AddressInfo[]][] =>
    ifname === undefined ? [] : [[ifname, info.filter(isComplete)]],
  );
  return new Map(entries);
}

/** Name of the interface in the namespace that has an address, or null. */
export async function interfaceOfAddress(address: string): Promise<string | null> {
  const wanted = compress(address);
  for (const [name, addresses] of await addressesInUse())
    if (addresses.some(({ local }) => compress(local) === wanted)) return name;
  return null;
}

function isComplete(info: Partial<AddressInfo>): info is AddressInfo {
  return info.local !== undefined && info.prefixlen !== undefined && info.scope !== undefined;
}
