/** From the graph of a load balancer to the plain model that haproxy.cfg is written from. Throws UnrenderableValue. */
import type { Amphora, Listener, LoadBalancerGraph } from '../../model/graph.ts';
import { filePath, identifier, integer } from '../grammar.ts';
import { liveListeners } from '../live.ts';
import { hasStickTable } from './backend.ts';
import { frontendOf, modeOf } from './frontend.ts';
import type { Frontend, HaproxyConfiguration, HaproxyPaths, HaproxyVersion, Mode } from './model.ts';
import { peersOf } from './peers.ts';

/** Octavia: HAPROXY_MAX_MAXCONN, for all listeners together. */
const maxConnectionsOfAll = 1_000_000;

export const upstreamPaths: HaproxyPaths = { base: '/var/lib/octavia', logSocket: '/run/rsyslog/octavia/log' };

export interface HaproxyOptions {
  readonly version: HaproxyVersion;
  readonly paths: HaproxyPaths;
}

interface Served {
  readonly listener: Listener;
  readonly mode: Mode;
}

function servedListeners(graph: LoadBalancerGraph): readonly Served[] {
  return liveListeners(graph).flatMap((listener) => {
    const mode = modeOf(listener);
    return mode === null ? [] : [{ listener, mode }];
  });
}

function maxConnections(frontends: readonly Frontend[]): number {
  const sum = frontends.reduce((total, frontend) => total + frontend.maxConnections, 0);
  return sum === 0 ? maxConnectionsOfAll : Math.min(sum, maxConnectionsOfAll);
}

/** Whether HAProxy has anything to serve; it does not start without a frontend, so where this is false it must not run. */
export function needsHaproxy(graph: LoadBalancerGraph): boolean {
  return servedListeners(graph).length > 0;
}

/** What the HAProxy of one amphora is to do for a load balancer. */
export function haproxyConfiguration(
  graph: LoadBalancerGraph,
  amphora: Amphora,
  { version, paths }: HaproxyOptions,
): HaproxyConfiguration {
  const frontends = servedListeners(graph).map(({ listener, mode }) => frontendOf(graph, listener, mode));
  const hasTables = frontends.some(({ backends }) => backends.some(hasStickTable));
  return {
    loadBalancerId: identifier('load balancer id', graph.id),
    projectId: graph.projectId,
    sequence: integer('sequence', graph.sequence, 0, Number.MAX_SAFE_INTEGER),
    version,
    paths: { base: filePath('base path', paths.base), logSocket: filePath('log socket', paths.logSocket) },
    maxConnections: maxConnections(frontends),
    peers: peersOf(graph, amphora, hasTables),
    frontends,
  };
}
