/**
 * The authorisation table: every operation of the API and the rule that it stands under (Octavia: octavia/policies/*.py).
 * A route without an entry does not compile; an entry without a route fails a test.
 */
import { forbidden } from '../model/errors.ts';

/** Composite rules of Octavia's default policy; `public` is answered without authentication. */
export type Rule = 'read' | 'read-global' | 'write' | 'admin' | 'public';

export const policy = {
  'version:discover': 'public',
  'healthcheck:get': 'public',
  'openapi:get': 'public',
  'version:root': 'read',
  'loadbalancer:get_all': 'read',
  'loadbalancer:get_one': 'read',
  'loadbalancer:post': 'write',
  'loadbalancer:put': 'write',
  'loadbalancer:delete': 'write',
  'loadbalancer:get_status': 'read',
  'loadbalancer:get_stats': 'read',
  'loadbalancer:put_failover': 'admin',
  'listener:get_all': 'read',
  'listener:get_one': 'read',
  'listener:post': 'write',
  'listener:put': 'write',
  'listener:delete': 'write',
  'listener:get_stats': 'read',
  'pool:get_all': 'read',
  'pool:get_one': 'read',
  'pool:post': 'write',
  'pool:put': 'write',
  'pool:delete': 'write',
  'member:get_all': 'read',
  'member:get_one': 'read',
  'member:post': 'write',
  'member:put': 'write',
  'member:put_all': 'write',
  'member:delete': 'write',
  'healthmonitor:get_all': 'read',
  'healthmonitor:get_one': 'read',
  'healthmonitor:post': 'write',
  'healthmonitor:put': 'write',
  'healthmonitor:delete': 'write',
  'amphora:get_all': 'admin',
  'amphora:get_one': 'admin',
  'amphora:get_stats': 'admin',
  'amphora:put_failover': 'admin',
  'provider:get_all': 'read',
  'operation:get_all': 'read',
  'operation:get_one': 'read',
  // What the two show besides of hosts, machines and workflows.
  'operation:get_infrastructure': 'admin',
} as const satisfies Record<string, Rule>;

export type Action = keyof typeof policy;

/** Who asks (Octavia: common/context.py). */
export interface Identity {
  readonly projectId: string | null;
  readonly userId: string | null;
  readonly isAdmin: boolean;
}

/** Whether `identity` may do `action` to something that `projectId` owns. */
export function may(identity: Identity, action: Action, projectId: string | null): boolean {
  const rule: Rule = policy[action];
  if (rule === 'public' || identity.isAdmin) return true;
  if (rule !== 'read' && rule !== 'write') return false;
  return projectId !== null && identity.projectId === projectId;
}

/** Throws the 403 of Octavia unless `identity` may. */
export function authorize(identity: Identity, action: Action, projectId: string | null): void {
  if (!may(identity, action, projectId)) throw forbidden();
}

/** The project that a list is restricted to: the one asked for, else none for who may see all, else the own one. */
export function listScope(identity: Identity, action: Action, asked: string | null): string | null {
  if (identity.isAdmin) return asked;
  const project = asked ?? identity.projectId;
  authorize(identity, action, project);
  return project;
}
