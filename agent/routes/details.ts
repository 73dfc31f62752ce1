import { readFile, statfs } from 'node:fs/promises';
import { cpus } from 'node:os';
import type { AgentContext } from '../context.ts';
import { listenersOf } from '../haproxy/config-file.ts';
import { json, type AgentResponse } from '../http/message.ts';
import { amphoraNamespace } from '../interfaces/netns.ts';
import { readIfExists } from '../process/files.ts';
import { runChecked } from '../process/run.ts';
import type { PackageVersions } from '../versions.ts';
import { identity } from './info.ts';

interface LinkStatistics {
  readonly ifname: string;
  readonly stats64?: { readonly rx: { readonly bytes: number }; readonly tx: { readonly bytes: number } };
}

/** GET /details: the amphora's load and what runs on it (Octavia: amphora_info.py, compile_amphora_details). */
export async function details(context: AgentContext, versions: PackageVersions): Promise<AgentResponse> {
  const ids = await context.haproxy.ids();
  const configs = await Promise.all(ids.map((id) => context.haproxy.configOf(id)));
  const instances = await Promise.all(ids.map((id) => context.haproxy.instance(id)));
  const { keepalived_version: keepalived, ipvsadm_version: ipvsadm, ...who } = await identity(context, versions);
  return json(200, {
    ...who,
    networks: await networks(),
    active: true,
    haproxy_count: instances.filter(({ pid }) => pid !== null).length,
    cpu_count: cpus().length,
    cpu: await cpu(),
    memory: await memory(),
    disk: await disk(),
    load: (await readFile('/proc/loadavg', 'utf8')).split(' ').slice(0, 3),
    active_tuned_profiles: ((await readIfExists('/etc/tuned/active_profile')) ?? '').trim(),
    topology: 'SINGLE',
    topology_status: 'OK',
    listeners: configs.flatMap((config) => listenersOf(config).map(({ id }) => id)).toSorted(),
    packages: {},
    lvs_listener_process_count: 0,
    keepalived_version: keepalived,
    ipvsadm_version: ipvsadm,
  });
}

async function networks(): Promise<Record<string, { network_tx: number; network_rx: number }>> {
  const text = await runChecked('ip', ['-n', amphoraNamespace, '-j', '-s', 'link', 'show']);
  const links = (JSON.parse(text) as LinkStatistics[]).filter(({ ifname }) => ifname.startsWith('eth'));
  return Object.fromEntries(
    links.map(({ ifname, stats64 }) => [
      ifname,
      { network_tx: stats64?.tx.bytes ?? 0, network_rx: stats64?.rx.bytes ?? 0 },
    ]),
  );
}

/** Ticks since boot: texts but for their sum, as upstream reads the first line of /proc/stat. */
async function cpu(): Promise<Record<string, string | number>> {
  const [first = ''] = (await readFile('/proc/stat', 'utf8')).split('\n', 1);
  const values = first.trim().split(/\s+/).slice(1);
  const [user = '0', , system = '0', , , , softIrq = '0'] = values;
  const total = values.reduce((sum, value) => sum + Number(value), 0);
  return { total, user, system, soft_irq: softIrq };
}

/** Kilobytes. */
async function memory(): Promise<Record<string, number>> {
  const lines = (await readFile('/proc/meminfo', 'utf8')).split('\n');
  const values = new Map(
    lines.map((line): [string, number] => {
      const [, key = '', value = '0'] = /^(\S+):\s*(\d+) kB/.exec(line) ?? [];
      return [key, Number(value)];
    }),
  );
  const of = (key: string): number => values.get(key) ?? 0;
  return {
    total: of('MemTotal'),
    free: of('MemFree'),
    buffers: of('Buffers'),
    cached: of('Cached'),
    swap_used: of('SwapCached'),
    shared: of('Shmem'),
    slab: of('Slab'),
  };
}

/** Bytes of the root file system. */
async function disk(): Promise<{ used: number; available: number }> {
  const { blocks, bfree, bavail, bsize } = await statfs('/');
  return { used: (blocks - bfree) * bsize, available: bavail * bsize };
}
