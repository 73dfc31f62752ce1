/** Interfaces of this network namespace, read and changed through iproute2. */
import { readFile } from 'node:fs/promises';
import { CommandFailed, run } from './command.ts';
import { withLock } from './lock.ts';

/** Everything that makes or removes interfaces holds this lock: what was read is still true when it is acted upon. */
export const withNetworkLock = <T>(work: () => Promise<T>): Promise<T> => withLock('network', work);

/** The names of all interfaces. Cheaper than iproute2, and right where /sys belongs to another namespace. */
export async function readLinks(): Promise<ReadonlySet<string>> {
  const lines = (await readFile('/proc/self/net/dev', 'utf8')).split('\n').slice(2);
  return new Set(lines.map((line) => line.split(':')[0]?.trim() ?? '').filter((name) => name !== ''));
}

/** Runs lines of iproute2 in one process; it stops at the first that fails. Does nothing for no lines. */
export async function ipBatch(lines: readonly string[], netns: readonly string[] = []): Promise<void> {
  if (lines.length === 0) return;
  const [program, ...args] = [...netns, 'ip', '-batch', '-'];
  await run(program, args, `${lines.join('\n')}\n`);
}

/**
 * Removes interfaces, those that go away by themselves at the same time (the kernel empties a namespace that ended) included.
 * Throws CommandFailed when one stays.
 */
export async function deleteLinks(names: readonly string[]): Promise<void> {
  const present = async (): Promise<readonly string[]> => {
    const links = await readLinks();
    return names.filter((name) => links.has(name));
  };
  const lines = (await present()).map((name) => `link delete ${name}`);
  if (lines.length === 0) return;
  try {
    await run('ip', ['-force', '-batch', '-'], `${lines.join('\n')}\n`);
  } catch (error) {
    if (!(error instanceof CommandFailed) || (await present()).length > 0) throw error;
  }
}

interface Link {
  readonly ifname: string;
  readonly master?: string;
}

/** Of these bridges, those that exist and have no port. */
export async function unusedBridges(bridges: readonly string[]): Promise<readonly string[]> {
  const links = JSON.parse(await run('ip', ['-json', 'link', 'show'])) as readonly Link[];
  const used = new Set(links.map((link) => link.master));
  const existing = new Set(links.map((link) => link.ifname));
  return [...new Set(bridges)].filter((bridge) => existing.has(bridge) && !used.has(bridge));
}
