import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../log.ts';
import { applyInterface } from './apply.ts';
import { loInterfaceFile } from './file.ts';
import { listLinks, moveInside } from './links.ts';
import { ensureNamespace } from './netns.ts';
import { readInterfaceFiles, readPlugged, writeInterfaceFile } from './store.ts';

/**
 * Brings the namespace and its interfaces to where the files say they are, after a start of the amphora or of the agent
 * alone (Octavia: amphora-netns.systemd.j2). An interface that is refused is logged; the others still come up.
 */
export async function resumeInterfaces(networkDir: string, pluggedInterfaces: string, log: Logger): Promise<void> {
  await ensureNamespace();
  if (!existsSync(join(networkDir, 'lo.json'))) await writeInterfaceFile(networkDir, loInterfaceFile());
  const plugged = await readPlugged(pluggedInterfaces);
  if (plugged.length === 0) return;
  const outside = await listLinks('outside');
  for (const { mac, name } of plugged) {
    const link = outside.find(({ address }) => address === mac);
    if (link !== undefined) await moveInside(link.ifname, name);
  }
  const inside = new Set((await listLinks('inside')).map(({ ifname }) => ifname));
  const files = await readInterfaceFiles(networkDir);
  for (const file of files.filter(({ name, if_type: type }) => type !== 'lo' && inside.has(name))) {
    await applyInterface(file, log).catch((error: unknown) => log.error({ err: error }, 'interface not applied'));
  }
}
