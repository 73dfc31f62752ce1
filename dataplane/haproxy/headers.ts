/** Headers that a listener adds to requests: a fixed list, switched on by `true` (Octavia: common/constants.py, SUPPORTED_HTTP_HEADERS). */
import type { Listener } from '../../model/graph.ts';
import type { Mode } from './model.ts';

const values: readonly (readonly [name: string, value: string])[] = [
  ['X-Forwarded-Port', '%[dst_port]'],
  ['X-Forwarded-Proto', 'http'],
];

function isOn(listener: Listener, name: string): boolean {
  return listener.insertHeaders[name]?.toLowerCase() === 'true';
}

export function forwardsFor(listener: Listener, mode: Mode): boolean {
  return mode === 'http' && isOn(listener, 'X-Forwarded-For');
}

/** Names with the log formats of their values. */
export function headersOf(listener: Listener, mode: Mode): readonly (readonly [name: string, value: string])[] {
  return mode === 'http' ? values.filter(([name]) => isOn(listener, name)) : [];
}
