/** What the Temporal UI says of a workflow before anybody opens it. All of it may be read by whoever may read the namespace. */
import type { OperationRow } from '../db/schema.ts';
import { spoken } from '../model/operation.ts';
import { code, words } from '../model/markdown.ts';

/** Temporal takes 400 bytes of a summary (`limit.userMetadataSummarySize`): two names of 4-byte letters and the words fit. */
const longestName = 40;

const nameOr = (name: string, id: string): string => (name.trim() === '' ? id : words(name, longestName));

/** `create load balancer web`, `create listener http of load balancer web`; ids stand where there is no name. */
export function summaryOf(operation: OperationRow): string {
  const { kind, resource_type: type, resource_name: name, resource_id: id } = operation;
  const what = `${spoken(kind)} ${nameOr(name, id)}`;
  if (type === 'load_balancer') return what;
  return `${what} of load balancer ${nameOr(operation.load_balancer_name, operation.load_balancer_id)}`;
}

/** Names, ids and who asked for it, as a list. */
export function detailsOf(operation: OperationRow): string {
  const named = (name: string, id: string): string => (name.trim() === '' ? code(id) : `${words(name)} (${code(id)})`);
  const { resource_type: type, load_balancer_name, load_balancer_id } = operation;
  const lines = [
    ['load balancer', named(load_balancer_name, load_balancer_id)],
    ...(type === 'load_balancer'
      ? []
      : [[type.replace('_', ' '), named(operation.resource_name, operation.resource_id)]]),
    ['project', code(operation.project_id)],
    ['user', operation.user_id === null ? 'none' : code(operation.user_id)],
    ['request', operation.request_id === null ? 'none' : code(operation.request_id)],
  ];
  return [`**${spoken(operation.kind)}**`, '', ...lines.map(([what, value]) => `- ${what}: ${value}`)].join('\n');
}
