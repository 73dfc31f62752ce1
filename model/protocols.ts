/** Which protocols go together (Octavia: common/constants.py, VALID_LISTENER_POOL_PROTOCOL_MAP, L4_PROTOCOL_MAP). */
import type { ListenerProtocol, PoolProtocol } from './graph.ts';
import { validationFailure } from './errors.ts';

const behind: Readonly<Record<ListenerProtocol, readonly PoolProtocol[]>> = {
  TCP: ['TCP', 'HTTP', 'HTTPS', 'PROXY', 'PROXYV2'],
  HTTP: ['HTTP', 'PROXY', 'PROXYV2'],
  HTTPS: ['TCP', 'HTTPS', 'PROXY', 'PROXYV2'],
  TERMINATED_HTTPS: ['HTTP', 'PROXY', 'PROXYV2'],
  UDP: ['UDP'],
  SCTP: ['SCTP'],
  PROMETHEUS: [],
};

/** Throws the 400 of a pool that cannot stand behind a listener of this protocol. */
export function checkPoolBehind(listener: ListenerProtocol, pool: PoolProtocol): void {
  if (behind[listener].includes(pool)) return;
  throw validationFailure(`The pool protocol '${pool}' is invalid while the listener protocol is '${listener}'.`);
}

/** The transport that a port is taken in: one listener for each transport and port of a load balancer. */
export function transportOf(protocol: ListenerProtocol): 'TCP' | 'UDP' | 'SCTP' {
  return protocol === 'UDP' || protocol === 'SCTP' ? protocol : 'TCP';
}

/** Whether a protocol is forwarded packet by packet, without HAProxy. */
export function isDatagram(protocol: ListenerProtocol | PoolProtocol): boolean {
  return protocol === 'UDP' || protocol === 'SCTP';
}
