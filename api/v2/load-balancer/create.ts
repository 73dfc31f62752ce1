/** Creating a load balancer: checks, rows, and the wait for its VIP (Octavia: api/v2/controllers/load_balancer.py, post). */
import { setTimeout as delay } from 'node:timers/promises';
import {
  findLoadBalancer,
  insertAdditionalVips,
  insertLoadBalancer,
  type LoadBalancerWithChildren,
} from '../../../db/load-balancer.ts';
import { isUnavailable } from '../../../db/errors.ts';
import { abandonCreation, withdrawCreation } from '../../../db/lifecycle/withdraw.ts';
import type { OperationRow } from '../../../db/schema.ts';
import type { NetworkReader } from '../../../drivers/network/contract.ts';
import {
  ApiError,
  providerError,
  providerNotEnabled,
  subresourceNotFound,
  unavailable,
  validationFailure,
  vipInUse,
} from '../../../model/errors.ts';
import { creationAnswerTo } from '../../../model/failures.ts';
import type { Answer, Call } from '../../http/route.ts';
import { authorize } from '../../policy.ts';
import { tagsOf } from '../common.ts';
import { checkMembers } from '../member/values.ts';
import { defaultProvider, isEnabled } from '../provider.ts';
import { insertGraph, type GraphViews } from './graph.ts';
import { planGraph, type GraphPlan } from './graph-plan.ts';
import { openOnItself } from './operation.ts';
import type { LoadBalancerPost } from './schema.ts';
import { acceptedLoadBalancerView } from './view.ts';
import { existingSubnet, resolveVip, type ResolvedVip } from './vip.ts';

type CreateCall = Call<never, LoadBalancerPost>;

/** How long an operation that a workflow has taken already may need until the VIP stands in the row, ms. */
const vipGraceMs = 2_000;
/** How long the answer waits for a database that went away once the VIP was allocated, ms. */
const returnGraceMs = 10_000;

/** Of a header: in a body upstream allows 36. Temporal takes no search attribute past 2048 bytes. */
const longestProjectId = 255;

export async function createLoadBalancer(call: CreateCall): Promise<Answer> {
  const projectId = projectOf(call);
  authorize(call.identity, call.action, projectId);
  const { body, network, settings } = call;
  const vip = await resolveVip(network, body, settings.loadbalancerTopology);
  await checkReferences(network, body, vip);
  const provider = providerOf(body);
  const tags = tagsOf(body.tags);
  const plan = planGraph(body);
  await checkMembers(
    network,
    plan.pools.flatMap((pool) => pool.members ?? []),
  );
  const { operation, children } = await insert(call, { projectId, vip, provider, tags, plan });
  const row = await awaitVip(call, operation, provider);
  return { status: 201, body: { loadbalancer: acceptedLoadBalancerView(row, children) } };
}

function projectOf({ body, identity }: CreateCall): string {
  const project = body.project_id ?? body.tenant_id ?? identity.projectId;
  if (project && project.length > longestProjectId) {
    throw validationFailure(`The project ID is longer than ${longestProjectId} characters.`);
  }
  if (project) return project;
  throw validationFailure(
    'Missing project ID in request where one is required. An administrator should check the keystone settings in the Octavia configuration.',
  );
}

function providerOf(body: LoadBalancerPost): string {
  // An explicit null is no flavor or zone of that name either: there are none yet.
  if (body.flavor_id !== undefined) throw validationFailure('Invalid flavor_id.');
  if (body.availability_zone !== undefined) throw validationFailure('Invalid availability zone.');
  const provider = body.provider ?? defaultProvider;
  if (!isEnabled(provider)) throw providerNotEnabled(provider);
  return provider;
}

async function checkReferences(network: NetworkReader, body: LoadBalancerPost, vip: ResolvedVip): Promise<void> {
  if (vip.qosPolicyId && !(await network.qosPolicyExists(vip.qosPolicyId))) {
    throw subresourceNotFound('qos_policy', vip.qosPolicyId);
  }
  const additional = (body.additional_vips ?? []).map((one) => one.subnet_id);
  if (new Set([...additional, vip.subnetId]).size !== additional.length + 1) {
    throw validationFailure('Duplicate VIP subnet(s) specified. Only one IP can be bound per subnet.');
  }
  for (const id of additional) {
    const subnet = await existingSubnet(network, id);
    if (subnet.networkId !== vip.networkId) throw validationFailure('All VIP subnets must belong to the same network.');
  }
  await checkSecurityGroups(network, body.vip_sg_ids ?? []);
}

/** Throws the 400 that names the first group that there is not. */
export async function checkSecurityGroups(network: NetworkReader, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    if (!(await network.securityGroupExists(id))) throw subresourceNotFound('Security Group', id);
  }
}

interface Accepted {
  readonly projectId: string;
  readonly vip: ResolvedVip;
  readonly provider: string;
  readonly tags: string[];
  readonly plan: GraphPlan;
}

interface Inserted {
  readonly operation: OperationRow;
  readonly children: GraphViews;
}

/** Writes the rows and the operation. The row holds what is known of the VIP; the flow fills in the rest. */
function insert(call: CreateCall, { projectId, vip, provider, tags, plan }: Accepted): Promise<Inserted> {
  const { body, settings } = call;
  return call.db.transaction().execute(async (tx) => {
    const row = await insertLoadBalancer(tx, {
      project_id: projectId,
      name: body.name ?? '',
      description: body.description ?? '',
      admin_state_up: body.admin_state_up ?? false,
      tags,
      provisioning_status: 'PENDING_CREATE',
      operating_status: 'OFFLINE',
      topology: settings.loadbalancerTopology,
      provider,
      vip_address: vip.address,
      vip_port_id: vip.portId,
      vip_subnet_id: vip.subnetId,
      vip_network_id: vip.networkId,
      vip_qos_policy_id: vip.qosPolicyId,
      vip_sg_ids: body.vip_sg_ids ?? [],
    });
    const { id } = row;
    const additional = (body.additional_vips ?? []).map((one, position) => ({
      load_balancer_id: id,
      subnet_id: one.subnet_id,
      network_id: vip.networkId,
      port_id: one.port_id ?? null,
      ip_address: one.ip_address ?? null,
      position,
    }));
    await insertAdditionalVips(tx, additional);
    const children = await insertGraph(tx, row, plan, settings);
    const operation = await openOnItself(tx, call, 'createLoadBalancer', row);
    return { operation, children };
  });
}

async function awaitVip(
  call: CreateCall,
  operation: OperationRow,
  provider: string,
): Promise<LoadBalancerWithChildren> {
  const id = operation.load_balancer_id;
  const outcome = await call.starter.startAndAwaitVip(operation);
  if (outcome.outcome === 'failed') throw vipFailure(outcome.type, outcome.message, provider);
  if (outcome.outcome === 'unknown' && (await withdrawCreation(call.db, operation))) throw unavailable();
  const row = (await readyRow(call, id)) ?? (await lastLook(call, operation));
  if (row === undefined) throw unavailable();
  return row;
}

/** Gives the load balancer up that has no VIP even now; whoever is told 503 finds that there is none. The row, if it has one after all. */
async function lastLook(call: CreateCall, operation: OperationRow): Promise<LoadBalancerWithChildren | undefined> {
  if (await abandonCreation(call.db, operation)) return undefined;
  return findLoadBalancer(call.db, operation.load_balancer_id);
}

/** What Neutron or Octavia would have answered. */
function vipFailure(type: string, message: string, provider: string): ApiError {
  switch (creationAnswerTo(type)) {
    case 'in use':
      return vipInUse(message);
    case 'conflict':
      return new ApiError(409, message);
    case 'not found':
      return new ApiError(404, message);
    case 'provider error':
    default:
      return providerError(provider, 'The VIP could not be allocated.');
  }
}

/** The row with its VIP. While the database is away it is waited for: the load balancer is there, and a 503 would deny it. */
async function readyRow(call: CreateCall, id: string): Promise<LoadBalancerWithChildren | undefined> {
  const start = performance.now();
  for (;;) {
    const found = await findLoadBalancer(call.db, id).catch(unlessUnavailable);
    const graceMs = found instanceof Error ? returnGraceMs : vipGraceMs;
    if (found !== undefined && !(found instanceof Error)) return found;
    if (performance.now() - start > graceMs) return undefined;
    await delay(50);
  }
}

function unlessUnavailable(error: unknown): Error {
  if (error instanceof Error && isUnavailable(error)) return error;
  throw error;
}
