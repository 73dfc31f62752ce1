/** Looks for everything that a deleted load balancer could have left behind on this machine and in the database. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Settings } from '../../config/settings.ts';
import type { Db } from '../../db/database.ts';
import { bridgeOf, managementLink, portLink } from '../../drivers/compute/host/names.ts';

const run = promisify(execFile);

/** What the load balancers consisted of, written down before they are deleted. */
export interface Traces {
  readonly loadBalancerIds: readonly string[];
  readonly computeIds: readonly string[];
  readonly portIds: readonly string[];
  readonly networkIds: readonly string[];
  readonly namespaces: readonly string[];
}

/** Names all that is still there; an empty list is the proof. */
export async function findLeftovers(settings: Settings, db: Db, traces: Traces): Promise<string[]> {
  const found = await Promise.all([
    folders(settings, traces),
    processes(settings),
    interfaces(traces),
    namespaces(traces),
    filterRules(traces),
    rows(db, traces),
  ]);
  return found.flat();
}

async function folders({ stateDir }: Settings, { computeIds }: Traces): Promise<string[]> {
  const root = join(stateDir, 'amphorae');
  return computeIds.filter((id) => existsSync(join(root, id))).map((id) => `folder ${join(root, id)}`);
}

/** An amphora's processes live in a mount namespace in which its folder is /etc/octavia; its first one was started in the folder. */
async function processes({ stateDir }: Settings): Promise<string[]> {
  const root = join(stateDir, 'amphorae');
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      return cwd.startsWith(`${root}/`) ? `process ${pid} in ${cwd}` : undefined;
    }),
  );
  return found.filter((text) => text !== undefined);
}

async function interfaces({ computeIds, portIds, networkIds }: Traces): Promise<string[]> {
  const { stdout } = await run('ip', ['-json', 'link', 'show']);
  const names = new Set((JSON.parse(stdout) as { ifname: string }[]).map(({ ifname }) => ifname));
  const ours = [...computeIds.map(managementLink), ...portIds.map(portLink), ...networkIds.map(bridgeOf)];
  return ours.filter((name) => names.has(name)).map((name) => `interface ${name}`);
}

async function namespaces(traces: Traces): Promise<string[]> {
  return traces.namespaces.filter((name) => existsSync(`/run/netns/${name}`)).map((name) => `namespace ${name}`);
}

async function filterRules({ computeIds, portIds }: Traces): Promise<string[]> {
  const { stdout } = await run('nft', ['list', 'ruleset']);
  const ours = [...computeIds.map(managementLink), ...portIds.map(portLink)];
  return ours.filter((name) => stdout.includes(name)).map((name) => `packet filter rules of ${name}`);
}

async function rows(db: Db, { loadBalancerIds, portIds }: Traces): Promise<string[]> {
  const left = await Promise.all([
    ...loadBalancerIds.map(async (id) => {
      const row = await db
        .selectFrom('load_balancer')
        .select('provisioning_status')
        .where('id', '=', id)
        .executeTakeFirst();
      const gone = row === undefined || row.provisioning_status === 'DELETED';
      return gone ? undefined : `load balancer ${id} in ${row.provisioning_status}`;
    }),
    ...portIds.map(async (id) => {
      const row = await db.selectFrom('port').select('name').where('id', '=', id).executeTakeFirst();
      return row === undefined ? undefined : `port ${row.name}`;
    }),
    pendingRows(db),
  ]);
  return left.filter((text) => text !== undefined);
}

const pending = ['PENDING_CREATE', 'PENDING_UPDATE', 'PENDING_DELETE'] as const;
const tables = ['load_balancer', 'listener', 'pool', 'member', 'health_monitor'] as const;

async function pendingRows(db: Db): Promise<string | undefined> {
  const counts = await Promise.all(
    tables.map(async (table) => {
      const rows = await db.selectFrom(table).select('id').where('provisioning_status', 'in', pending).execute();
      return rows.length;
    }),
  );
  const total = counts.reduce((sum, count) => sum + count, 0);
  return total === 0 ? undefined : `${total} rows in PENDING`;
}
