/** The section `peers`: who shares stick tables (Octavia: jinja_filters.py, hash_amp_id). */
import { createHash } from 'node:crypto';
import type { Amphora, LoadBalancerGraph } from '../../model/graph.ts';
import { serves } from '../../model/status.ts';
import { address, endpoint, identifier } from '../grammar.ts';
import type { Peer, Peers } from './model.ts';
import { line, type Section } from './text.ts';

const peerPort = 1025;
const loopback = '127.0.0.1';

/**
 * The name of an amphora among peers, and HAProxy's argument -L there: base64 of the id's SHA-1, with _ for + and - for /,
 * no leading dash and no padding.
 */
export function peerName(amphoraId: string): string {
  const hash = createHash('sha1').update(amphoraId).digest('base64');
  return hash.replaceAll('+', '_').replaceAll('/', '-').replace(/^-/, 'x').replaceAll('=', '');
}

function pairOf(graph: LoadBalancerGraph, self: Amphora): readonly Peer[] {
  return graph.amphorae
    .filter(({ id, status }) => id === self.id || serves(status))
    .flatMap(({ id, vrrpIp }) =>
      vrrpIp === null
        ? []
        : [{ name: peerName(id), address: address(`amphora ${id} vrrp_ip`, vrrpIp), port: peerPort }],
    )
    .toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}

/**
 * A pair shares its tables. A single amphora is its own only peer when it has tables: that is how HAProxy hands them to the
 * process that follows it at a reload; without it every edit would forget who talks to which member.
 */
export function peersOf(graph: LoadBalancerGraph, self: Amphora, hasStickTables: boolean): Peers | null {
  const name = `${identifier('load balancer id', graph.id).replaceAll('-', '')}_peers`;
  if (graph.topology === 'ACTIVE_STANDBY') return { name, members: pairOf(graph, self) };
  if (!hasStickTables) return null;
  return { name, members: [{ name: peerName(self.id), address: loopback, port: peerPort }] };
}

export function renderPeers({ name, members }: Peers): Section {
  return {
    title: line('peers', name),
    lines: members.map((peer) => line('peer', peer.name, endpoint(peer.address, peer.port))),
  };
}
