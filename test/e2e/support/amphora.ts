/** A look behind the API: the amphorae of a load balancer, their processes on this machine, and what is left of them. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { identify, isRunning, type ProcessIdentity } from '../../../cli/process/identity.ts';
import { findLeftovers } from '../../../cli/quickstart/leftovers.ts';
import { folderOf, type AmphoraFolder } from '../../../drivers/compute/host/folder.ts';
import { findInit } from '../../../drivers/compute/host/process.ts';
import { findAmphora } from '../../../db/lifecycle/amphora.ts';
import { inAmphora, processesWith } from '../../drivers/support/host.ts';
import type { TestLoadBalancer } from './load-balancer.ts';
import type { Weir } from './weir.ts';

export type Program = 'haproxy' | 'keepalived' | 'agent';

const folderFor = ({ settings }: Weir, computeId: string): AmphoraFolder =>
  folderOf(join(settings.stateDir, 'amphorae'), computeId);

async function initOf(weir: Weir, computeId: string): Promise<number> {
  const pid = await findInit(folderFor(weir, computeId));
  if (pid === null) throw new Error(`amphora ${computeId} does not run`);
  return pid;
}

/** The pid of the first process of a program in an amphora: HAProxy's master, keepalived's parent. Throws when it does not run. */
export async function pidOf(weir: Weir, computeId: string, program: Program): Promise<number> {
  const init = await initOf(weir, computeId);
  const others = (await processesWith(init)).filter((pid) => pid !== init);
  const named = await Promise.all(others.map(async (pid) => ((await programOf(pid)) === program ? [pid] : [])));
  const pids = named.flat();
  const parents = await Promise.all(pids.map(parentOf));
  const first = pids.filter((_, index) => !pids.includes(parents[index] ?? 0));
  if (first.length !== 1) throw new Error(`${first.length} × ${program} in amphora ${computeId}`);
  return first[0] ?? 0;
}

async function programOf(pid: number): Promise<string> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (command.includes('amphora-agent.conf')) return 'agent';
  return (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim();
}

async function parentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]);
}

/** Whether an amphora of a pair has the address now. */
export async function holds(weir: Weir, computeId: string, address: string): Promise<boolean> {
  const ip = ['ip', '-n', 'amphora-haproxy', '-oneline', 'address', 'show'];
  return (await inAmphora(await initOf(weir, computeId), ...ip)).includes(` ${address}/`);
}

/** What the agent of an amphora says of itself (GET /info over mutual TLS). Throws when it does not answer. */
export async function infoOf({ db, amphora }: Weir, id: string): Promise<{ readonly hostname: string }> {
  const row = await findAmphora(db, id);
  if (row === null) throw new Error(`there is no amphora ${id}`);
  return amphora.info(row);
}

/** Everything that a load balancer consists of now, to be looked for when it is gone. */
export interface Belongings {
  readonly loadBalancerId: string;
  readonly computeIds: readonly string[];
  readonly portIds: readonly string[];
  readonly processes: readonly ProcessIdentity[];
}

export async function belongingsOf(weir: Weir, { id, api }: TestLoadBalancer): Promise<Belongings> {
  const amphorae = await api.amphorae(id);
  const vip = await weir.db.selectFrom('load_balancer').select('vip_port_id as id').where('id', '=', id).execute();
  const ports = await Promise.all(amphorae.map((amphora) => weir.network.portsOf(amphora.id)));
  const inits = await Promise.all(amphorae.map(async (amphora) => initOf(weir, amphora.compute_id)));
  const pids = (await Promise.all(inits.map(processesWith))).flat();
  return {
    loadBalancerId: id,
    computeIds: amphorae.map((amphora) => amphora.compute_id),
    portIds: [...vip, ...ports.flat()].map((port) => port.id).filter((port) => port !== null),
    processes: pids.map(identify).filter((identity) => identity !== undefined),
  };
}

/** Names what is still there of a load balancer that was deleted; others may live on. */
export async function leftoversOf(weir: Weir, belongings: Belongings): Promise<readonly string[]> {
  const { loadBalancerId, computeIds, portIds, processes } = belongings;
  const traces = { loadBalancerIds: [loadBalancerId], computeIds, portIds, networkIds: [], namespaces: [] };
  const found = await findLeftovers(weir.settings, weir.db, traces);
  const amphorae = await weir.db
    .selectFrom('amphora')
    .select(['id', 'status'])
    .where('load_balancer_id', '=', loadBalancerId)
    .where('status', '!=', 'DELETED')
    .execute();
  return [
    ...found.filter((text) => !text.startsWith('process ') || computeIds.some((id) => text.includes(id))),
    ...processes.filter(isRunning).map(({ pid }) => `process ${pid}`),
    ...amphorae.map(({ id, status }) => `amphora ${id} in ${status}`),
  ];
}

/** Whether the host keeps anything of an amphora. */
export const exists = (weir: Weir, computeId: string): boolean => existsSync(folderFor(weir, computeId).path);
