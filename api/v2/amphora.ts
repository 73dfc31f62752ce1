/** Amphorae, for administrators (Octavia: api/v2/controllers/amphora.py). */
import {
  amphoraList,
  amphoraOfProject,
  amphoraStatistics,
  findAmphora,
  listAmphorae,
  type AmphoraWithProject,
} from '../../db/amphora.ts';
import type { AmphoraRow } from '../../db/schema.ts';
import { ApiError, notFound } from '../../model/errors.ts';
import { change, lockForChild, open } from '../http/change.ts';
import { readRoutes } from '../http/resource-routes.ts';
import { route, type Answer, type Call } from '../http/route.ts';
import { onlyArguments, subjectOf } from '../http/subject.ts';
import { time } from './common.ts';

const one = '/v2/octavia/amphorae/:id';
type OneCall = Call<typeof one, unknown>;

function amphoraView(row: AmphoraRow): Record<string, unknown> {
  return {
    id: row.id,
    loadbalancer_id: row.load_balancer_id,
    compute_id: row.compute_id,
    lb_network_ip: row.lb_network_ip,
    vrrp_ip: row.vrrp_ip,
    ha_ip: row.ha_ip,
    vrrp_port_id: row.vrrp_port_id,
    ha_port_id: row.ha_port_id,
    cert_expiration: time(row.cert_expiration),
    cert_busy: row.cert_busy,
    role: row.role,
    status: row.status,
    vrrp_interface: row.vrrp_interface,
    vrrp_id: row.vrrp_id,
    vrrp_priority: row.vrrp_priority,
    cached_zone: row.cached_zone,
    created_at: time(row.created_at),
    updated_at: time(row.updated_at),
    image_id: row.image_id,
    compute_flavor: row.compute_flavor,
  };
}

const find = (call: OneCall): Promise<AmphoraWithProject> => subjectOf(call, 'Amphora', call.params.id, findAmphora);

const reads = readRoutes({
  all: '/v2/octavia/amphorae',
  one,
  root: 'amphora',
  summaries: { list: 'List amphorae', show: 'Show an amphora' },
  collection: {
    name: 'amphorae',
    links: 'amphorae_links',
    list: amphoraList,
    fetch: listAmphorae,
    view: amphoraView,
    ofProject: amphoraOfProject,
  },
  find,
});

const stats = route({
  method: 'GET',
  path: '/v2/octavia/amphorae/:id/stats',
  action: 'amphora:get_stats',
  summary: 'Show the traffic of an amphora, listener by listener',
  success: 200,
  handler: async (call) => {
    const { id } = await find(call);
    const statistics = await amphoraStatistics(call.db, id);
    if (statistics.length === 0) throw new ApiError(404, `Amphora stats for ${id} not found.`);
    return { status: 200, body: { amphora_stats: statistics } };
  },
});

const failover = route({
  method: 'PUT',
  path: '/v2/octavia/amphorae/:id/failover',
  action: 'amphora:put_failover',
  summary: 'Replace an amphora',
  success: 202,
  handler: (call) => failOver(call),
});

async function failOver(call: OneCall): Promise<Answer> {
  const { id, load_balancer_id: loadBalancerId, project_id: projectId } = await find(call);
  onlyArguments(call);
  if (loadBalancerId === null) throw notFound('Load Balancer', 'None');
  await change(call, async (tx) => {
    await lockForChild(tx, loadBalancerId);
    const operation = await open(tx, call, {
      kind: 'failoverAmphora',
      loadBalancerId,
      resourceType: 'amphora',
      resourceId: id,
      resourceName: '',
      projectId,
    });
    return { operation, result: undefined };
  });
  return { status: 202 };
}

export const amphoraRoutes = [...reads, stats, failover] as const;
