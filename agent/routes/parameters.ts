import type { AgentRequest } from '../http/message.ts';
import { failure } from '../http/message.ts';

export function parameter(request: AgentRequest, name: string): string {
  const value = request.params[name];
  if (value === undefined) throw new Error(`the route has no parameter ${name}`);
  return value;
}

/** An id that names a folder: letters, digits, `-` and `_` only, so that no path leaves the agent's own. */
export function idParameter(request: AgentRequest, name: string): string {
  const id = parameter(request, name);
  if (!/^[\w-]{1,64}$/.test(id)) throw failure(400, 'Invalid Request', `Not an id: ${id}`);
  return id;
}

/** `?sequence=<n>`: the operation that a request belongs to; null when it is not said. Throws 400 for what is no number. */
export function sequenceParameter({ query }: AgentRequest): number | null {
  const digits = query.get('sequence');
  if (digits === null) return null;
  if (!/^\d{1,15}$/.test(digits)) throw failure(400, 'Invalid Request', `Not a sequence number: ${digits}`);
  return Number(digits);
}

/** The name of a certificate file (Octavia: loadbalancer.py, _check_ssl_filename_format); never one that leaves its folder. */
export function fileNameParameter(request: AgentRequest, name: string): string {
  const file = parameter(request, name);
  if (!/(\w.)+pem/.test(file) || !/^[\w.-]+$/.test(file)) throw failure(400, 'Filename has wrong format');
  return file;
}
