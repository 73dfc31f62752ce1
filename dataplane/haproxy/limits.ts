/** Numbers of a listener that its frontend and its backends share. */
import type { Listener } from '../../model/graph.ts';
import { integer } from '../grammar.ts';

/** Octavia: [haproxy_amphora] default_connection_limit, for listeners without a limit. */
const defaultConnectionLimit = 50_000;
const largest = 2 ** 31 - 1;

/** Connections at most. */
export function connectionLimit({ id, connectionLimit: limit }: Listener): number {
  return limit === -1 ? defaultConnectionLimit : integer(`listener ${id} connection_limit`, limit, 1, largest);
}

/** One of a listener's times, ms; `field` is Octavia's name of it. */
export function duration(listener: Listener, field: string, value: number): number {
  return integer(`listener ${listener.id} ${field}`, value, 0, largest);
}
