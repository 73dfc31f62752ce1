import { hostname } from 'node:os';
import { configOf, type AgentContext } from '../context.ts';
import { json, failure, type AgentRequest, type AgentResponse } from '../http/message.ts';
import { parseAddress } from '../interfaces/addresses.ts';
import { interfaceOfAddress } from '../interfaces/addresses-in-use.ts';
import type { PackageVersions } from '../versions.ts';
import { parameter } from './parameters.ts';

export const apiVersion = '1.0';

/** Who the amphora is, common to /info and /details (Octavia: amphora_info.py). */
export interface AmphoraIdentity {
  readonly hostname: string;
  readonly haproxy_version: string;
  readonly api_version: string;
  readonly keepalived_version: string;
  readonly ipvsadm_version: string;
}

/** GET / : version discovery. */
export function discover(): AgentResponse {
  return json(200, { api_version: apiVersion });
}

/** GET /info */
export async function info(context: AgentContext, versions: PackageVersions): Promise<AgentResponse> {
  return json(200, await identity(context, versions));
}

export async function identity(context: AgentContext, versions: PackageVersions): Promise<AmphoraIdentity> {
  const [haproxy, keepalived, ipvsadm] = await Promise.all([
    versions.of('haproxy', configOf(context).haproxyCommand),
    versions.of('keepalived', '/usr/sbin/keepalived'),
    versions.of('ipvsadm', '/usr/sbin/ipvsadm'),
  ]);
  return {
    hostname: hostname(),
    haproxy_version: haproxy,
    api_version: apiVersion,
    keepalived_version: keepalived,
    ipvsadm_version: ipvsadm,
  };
}

/** GET /interface/{ip}: the interface in the namespace that has an address. */
export async function interfaceOf(request: AgentRequest): Promise<AgentResponse> {
  const address = parameter(request, 'ip');
  try {
    parseAddress(address);
  } catch {
    throw failure(400, 'Invalid IP address');
  }
  const name = await interfaceOfAddress(address);
  if (name === null) throw failure(404, 'Error interface not found for IP address');
  return json(200, { message: 'OK', interface: name });
}
