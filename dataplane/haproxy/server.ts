/** A member as a line `server` (Octavia: macros.j2, member_macro). */
import type { Member } from '../../model/graph.ts';
import { address, endpoint, identifier, integer, port } from '../grammar.ts';
import { checkOptions } from './check.ts';
import type { Backend, ProxyProtocol, Server } from './model.ts';
import { line } from './text.ts';

const maxWeight = 256;
const proxyOptions: Record<ProxyProtocol, string> = { v1: 'send-proxy', v2: 'send-proxy-v2' };

export function serverOf(member: Member): Server {
  const id = identifier('member id', member.id);
  const field = (name: string): string => `member ${id} ${name}`;
  const { monitorAddress, monitorPort } = member;
  return {
    id,
    address: address(field('address'), member.address),
    port: port(field('protocol_port'), member.protocolPort),
    weight: integer(field('weight'), member.weight, 0, maxWeight),
    monitorAddress: monitorAddress === null ? null : address(field('monitor_address'), monitorAddress),
    monitorPort: monitorPort === null ? null : port(field('monitor_port'), monitorPort),
    backup: member.backup,
    enabled: member.adminStateUp,
  };
}

function monitorOptions({ check }: Backend, server: Server): readonly (string | number)[] {
  if (check === null) return [];
  const options = [...checkOptions(check)];
  if (server.monitorAddress !== null) options.push('addr', server.monitorAddress);
  if (server.monitorPort !== null) options.push('port', server.monitorPort);
  return options;
}

export function renderServer(backend: Backend, server: Server): string {
  const { persistence, proxyProtocol } = backend;
  return line(
    'server',
    server.id,
    endpoint(server.address, server.port),
    'weight',
    server.weight,
    ...monitorOptions(backend, server),
    ...(persistence?.kind === 'inserted-cookie' ? ['cookie', server.id] : []),
    ...(proxyProtocol === null ? [] : [proxyOptions[proxyProtocol]]),
    ...(server.backup ? ['backup'] : []),
    ...(server.enabled ? [] : ['disabled']),
  );
}
