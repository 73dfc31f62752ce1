/** A pool as a listener uses it: the section `backend` (Octavia: macros.j2, backend_macro). */
import type { Algorithm, Listener, Pool, PoolProtocol } from '../../model/graph.ts';
import { identifier } from '../grammar.ts';
import { stayingMembers } from '../live.ts';
import { checkOf, renderCheck } from './check.ts';
import { forwardsFor, headersOf } from './headers.ts';
import { connectionLimit, duration } from './limits.ts';
import type { Backend, Balance, HaproxyConfiguration, Mode, ProxyProtocol } from './model.ts';
import { persistenceOf, renderPersistence, usesStickTable } from './persistence.ts';
import { renderServer, serverOf } from './server.ts';
import { line, type Section } from './text.ts';
import { knowsHttpReuse } from './version.ts';

/** SOURCE_IP_PORT is OVN's; on an amphora the API refuses it, and `source` is what comes nearest. */
const balances: Record<Algorithm, Balance> = {
  ROUND_ROBIN: 'roundrobin',
  LEAST_CONNECTIONS: 'leastconn',
  SOURCE_IP: 'source',
  SOURCE_IP_PORT: 'source',
};
const modes: Partial<Record<PoolProtocol, Mode>> = { HTTP: 'http', HTTPS: 'tcp', TCP: 'tcp' };
const proxyProtocols: Partial<Record<PoolProtocol, ProxyProtocol>> = { PROXY: 'v1', PROXYV2: 'v2' };

export function backendName(poolId: string, listenerId: string): string {
  return `${identifier('pool id', poolId)}:${identifier('listener id', listenerId)}`;
}

/** A pool that speaks PROXY takes the mode of its listener. */
export function backendOf(listener: Listener, listenerMode: Mode, pool: Pool): Backend {
  const mode = modes[pool.protocol] ?? listenerMode;
  const headersMode = listenerMode === 'http' ? mode : 'tcp';
  return {
    name: backendName(pool.id, listener.id),
    mode,
    balance: balances[pool.algorithm],
    reuseConnections: mode === 'http',
    persistence: persistenceOf(pool, mode),
    check: checkOf(pool),
    proxyProtocol: proxyProtocols[pool.protocol] ?? null,
    forwardFor: forwardsFor(listener, headersMode),
    headers: headersOf(listener, headersMode),
    fullConnections: connectionLimit(listener),
    timeoutConnect: duration(listener, 'timeout_member_connect', listener.timeoutMemberConnect),
    timeoutServer: duration(listener, 'timeout_member_data', listener.timeoutMemberData),
    servers: stayingMembers(pool).map(serverOf),
  };
}

export function hasStickTable({ persistence }: Backend): boolean {
  return usesStickTable(persistence);
}

export function renderBackend(backend: Backend, { version, paths, peers }: HaproxyConfiguration): Section {
  const lines = [line('mode', backend.mode)];
  if (backend.reuseConnections && knowsHttpReuse(version)) lines.push(line('http-reuse', 'safe'));
  lines.push(line('balance', backend.balance));
  if (backend.persistence !== null) lines.push(...renderPersistence(backend.persistence, peers?.name ?? null));
  if (backend.check !== null) lines.push(...renderCheck(backend.check, version, `${paths.base}/ping-wrapper.sh`));
  if (backend.forwardFor) lines.push(line('option', 'forwardfor'));
  lines.push(
    ...backend.headers.map(([name, value]) => line('http-request', 'set-header', name, value)),
    line('fullconn', backend.fullConnections),
    line('option', 'allbackups'),
    line('timeout', 'connect', backend.timeoutConnect),
    line('timeout', 'server', backend.timeoutServer),
    ...backend.servers.map((server) => renderServer(backend, server)),
  );
  return { title: line('backend', backend.name), lines };
}
