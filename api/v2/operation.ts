/** What was asked of load balancers and how it went: an addition to Octavia's API, read only. */
import { findOperation, listOperations, operationList } from '../../db/operation-record.ts';
import type { OperationRow } from '../../db/schema.ts';
import { workflowIdOf, type StepNow } from '../../model/operation.ts';
import { readRoutes } from '../http/resource-routes.ts';
import type { AnyCall } from '../http/route.ts';
import { subjectOf } from '../http/subject.ts';
import { may } from '../policy.ts';
import { time } from './common.ts';

/** What its owner sees. */
function recordView(row: OperationRow) {
  return {
    id: row.id,
    kind: row.kind,
    loadbalancer_id: row.load_balancer_id,
    loadbalancer_name: row.load_balancer_name,
    resource_type: row.resource_type,
    resource_id: row.resource_id,
    resource_name: row.resource_name,
    project_id: row.project_id,
    user_id: row.user_id,
    request_id: row.request_id,
    arguments: row.arguments,
    state: row.state,
    created_at: time(row.created_at),
    started_at: time(row.started_at),
    finished_at: time(row.finished_at),
  };
}

/** The rest, which names hosts, machines and addresses of the cloud. */
function infrastructureView({ settings }: AnyCall, row: OperationRow, steps: readonly StepNow[]) {
  const { reason, causes, load_balancer_id: loadBalancerId, sequence } = row;
  const id = encodeURIComponent(workflowIdOf({ loadBalancerId, sequence }));
  const page = `${settings.temporalUiUrl.replace(/\/+$/, '')}/namespaces/${settings.temporalNamespace}/workflows/${id}`;
  return { shown: { reason, causes, steps: steps.map(stepView) }, link: { rel: 'workflow', href: page } };
}

/** A step that runs has taken as long as it has until now. */
function stepView(step: StepNow) {
  const { name, undo, startedAt, outcome } = step;
  const ms = step.outcome === 'running' ? Math.max(0, Date.now() - Date.parse(startedAt)) : step.ms;
  const failure = step.outcome === 'running' ? null : (step.failure ?? null);
  return { name, undo, started_at: startedAt.replace(/Z$/, ''), ms, outcome, failure };
}

const seesInfrastructure = ({ identity }: AnyCall, { project_id }: OperationRow): boolean =>
  may(identity, 'operation:get_infrastructure', project_id);

function operationView(call: AnyCall, row: OperationRow, self: string, steps: readonly StepNow[] = row.steps) {
  const record = recordView(row);
  const ownLink = { rel: 'self', href: self };
  if (!seesInfrastructure(call, row)) return { ...record, links: [ownLink] };
  const { shown, link } = infrastructureView(call, row, steps);
  return { ...record, ...shown, links: [link, ownLink] };
}

/** With the body of its request. One that is under way is asked what it is doing. */
async function showAlone(row: OperationRow, call: AnyCall) {
  const running = row.state === 'accepted' || row.state === 'started';
  const steps = running && seesInfrastructure(call, row) ? await call.reader.steps(row) : row.steps;
  return { ...operationView(call, row, call.href, steps), asked: row.asked };
}

export const operationRoutes = readRoutes({
  all: '/v2/lbaas/operations',
  one: '/v2/lbaas/operations/:id',
  root: 'operation',
  summaries: {
    list: 'List operations: what was asked of load balancers and how it went',
    show: 'Show an operation; one that is under way with the step that it is in',
  },
  collection: {
    name: 'operations',
    links: 'operations_links',
    wholeLinks: true,
    list: operationList,
    fetch: listOperations,
    view: (row, call) => operationView(call, row, `${call.href.replace(/(\.json)?\/*$/, '')}/${row.id}`),
  },
  find: (call) => subjectOf(call, 'Operation', call.params.id, findOperation),
  showAlone,
});
