/** The sections `global` and `defaults` (Octavia: combined_listeners/templates/base.j2). */
import type { HaproxyConfiguration } from './model.ts';
import { line, type Section } from './text.ts';
import { knowsServerState, needsInsecureFork } from './version.ts';

const userLogFacility = 'local0';
const administrativeLogFacility = 'local1';

/**
 * The description carries the sequence number: `show info` on the stats socket tells which configuration a running process
 * serves. The socket needs no `expose-fd listeners`: a master process passes listeners on to its new worker by itself.
 */
export function renderGlobal(configuration: HaproxyConfiguration): Section {
  const { loadBalancerId, sequence, version, paths, maxConnections, frontends } = configuration;
  const lines = [
    line('description', `weir-sequence=${sequence}`),
    line('daemon'),
    line('user', 'nobody'),
    line('log', paths.logSocket, userLogFacility),
    line('log', paths.logSocket, administrativeLogFacility, 'notice'),
    line('stats', 'socket', `${paths.base}/${loadBalancerId}.sock`, 'mode', '0666', 'level', 'user'),
  ];
  if (knowsServerState(version)) lines.push(line('server-state-file', `${paths.base}/${loadBalancerId}/servers-state`));
  lines.push(line('maxconn', maxConnections));
  if (frontends.some(({ backends }) => backends.some(({ check }) => check?.kind === 'ping'))) {
    lines.push(line('external-check'));
    if (needsInsecureFork(version)) lines.push(line('insecure-fork-wanted'));
  }
  return { title: 'global', lines };
}

export function renderDefaults(): Section {
  const lines = [
    line('log', 'global'),
    line('retries', 3),
    line('option', 'redispatch'),
    line('option', 'splice-request'),
    line('option', 'splice-response'),
    line('option', 'http-keep-alive'),
  ];
  return { title: 'defaults', lines };
}
