/** Reads what the agent must know out of a haproxy.cfg (Octavia: api_server/util.py, parse_haproxy_file). */
import { parseSequence } from '../sequence.ts';

export interface ConfiguredListener {
  readonly id: string;
  /** `HTTP`, `TCP`, or `TERMINATED_HTTPS` when the frontend has certificates. */
  readonly mode: string;
}

/** The frontends, in their order. The internal one of the Prometheus exporter is a frontend like the others, as upstream. */
export function listenersOf(config: string): readonly ConfiguredListener[] {
  const sections = config.split(/\n(?=(?:frontend|backend)\s+\S+\s*\n)/);
  return sections.flatMap((section) => {
    const id = /^frontend\s+(\S+)\s*\n/.exec(section)?.[1];
    const mode = /^\s+mode\s+(.*)$/m.exec(section)?.[1];
    if (id === undefined || mode === undefined) return [];
    const terminated = /^\s+bind\s+\S+\s+ssl crt-list\s+\S+/m.test(section);
    return [{ id, mode: terminated ? 'TERMINATED_HTTPS' : mode.trim().toUpperCase() }];
  });
}

/** The addresses that the frontends bind, without ports and each once; the loopback of internal frontends is left out. */
export function boundAddresses(config: string): readonly string[] {
  const binds = [...config.matchAll(/^\s*bind\s+(\S+):\d+/gm)].map((match) => match[1] ?? '');
  const addresses = binds.map((address) => address.replace(/^\[(.*)\]$/, '$1'));
  return [...new Set(addresses)].filter((address) => address !== '' && !address.startsWith('127.'));
}

/** The sequence number that the controller put in the global section, or null when it is not one of ours. */
export function configuredSequence(config: string): number | null {
  return parseSequence(/^\s*description\s+(\S+)\s*$/m.exec(config)?.[1] ?? '');
}

/**
 * Takes `group` lines out (the agent knows the right group: Octavia, loadbalancer.py, upload_haproxy_config), and `user`
 * lines too where the user does not exist, as in a user namespace that maps root alone.
 */
export function withoutOwner(config: string, dropUser: boolean): string {
  const withoutGroup = config.replaceAll(/\s+group\s.+/g, '');
  return dropUser ? withoutGroup.replaceAll(/^\s+user\s+\S+[ \t]*\n/gm, '') : withoutGroup;
}
