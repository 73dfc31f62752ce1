/** A listener as the section `frontend` (Octavia: macros.j2, frontend_macro). */
import type { Listener, ListenerProtocol, LoadBalancerGraph } from '../../model/graph.ts';
import { address, endpoint, identifier, network, port } from '../grammar.ts';
import { livePool } from '../live.ts';
import { backendName, backendOf } from './backend.ts';
import { connectionLimit, duration } from './limits.ts';
import { logFormat } from './logging.ts';
import type { Frontend, Mode } from './model.ts';
import { line, type Section } from './text.ts';

const modes: Partial<Record<ListenerProtocol, Mode>> = { HTTP: 'http', HTTPS: 'tcp', TCP: 'tcp' };

/** How HAProxy serves a listener, or null when it does not. */
export function modeOf(listener: Listener): Mode | null {
  return modes[listener.protocol] ?? null;
}

export function frontendOf(graph: LoadBalancerGraph, listener: Listener, mode: Mode): Frontend {
  const id = identifier('listener id', listener.id);
  const pool = livePool(graph, listener.defaultPoolId);
  return {
    id,
    mode,
    binds: graph.vips.map((vip) => ({
      address: address('vip_address', vip.address),
      port: port(`listener ${id} protocol_port`, listener.protocolPort),
    })),
    allowedCidrs: listener.allowedCidrs.map((cidr) => network(`listener ${id} allowed_cidrs`, cidr)),
    maxConnections: connectionLimit(listener),
    defaultBackend: pool === null ? null : backendName(pool.id, id),
    timeoutClient: duration(listener, 'timeout_client_data', listener.timeoutClientData),
    inspectDelay: duration(listener, 'timeout_tcp_inspect', listener.timeoutTcpInspect),
    logFormat: logFormat(graph.projectId, graph.id, mode),
    backends: pool === null ? [] : [backendOf(listener, mode, pool)],
  };
}

/**
 * Who may connect. Neutron's security group says it too where there is one; elsewhere this is the only guard. One line a network,
 * for HAProxy takes 64 words a line at most (HAProxy's manual, 2.1 and 7.1: lines of one name are alternatives).
 */
function admission(cidrs: readonly string[]): readonly string[] {
  if (cidrs.length === 0) return [];
  return [
    ...cidrs.map((cidr) => line('acl', 'allowed_cidr', 'src', cidr)),
    line('tcp-request', 'connection', 'reject', 'unless', 'allowed_cidr'),
  ];
}

export function renderFrontend(frontend: Frontend): Section {
  const lines = [
    line('maxconn', frontend.maxConnections),
    ...frontend.binds.map((bind) => line('bind', endpoint(bind.address, bind.port))),
    line('mode', frontend.mode),
  ];
  lines.push(...admission(frontend.allowedCidrs));
  if (frontend.defaultBackend !== null) lines.push(line('default_backend', frontend.defaultBackend));
  lines.push(line('timeout', 'client', frontend.timeoutClient));
  if (frontend.inspectDelay > 0) lines.push(line('tcp-request', 'inspect-delay', frontend.inspectDelay));
  lines.push(line('log-format', frontend.logFormat));
  return { title: line('frontend', frontend.id), lines };
}
