/** Two small web servers, each in a network namespace of its own that is plugged into the tenant network. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Settings } from '../../config/settings.ts';
import type { Db } from '../../db/database.ts';
import { plugNamespace, unplugPort } from '../../drivers/compute/host/plug.ts';
import type { NetworkDriver } from '../../drivers/network/contract.ts';
import { createPort, deleteTenantPort } from '../../drivers/network/provision.ts';
import { tethered } from '../process/wrap.ts';
import { installationRoot } from '../../config/installation.ts';
import type { DefaultNetwork } from '../up/default-network.ts';

const run = promisify(execFile);

export const memberPort = 8080;
export const memberNames = ['web-1', 'web-2'] as const;
const deviceOwner = 'weir:quickstart';

export interface Member {
  readonly name: string;
  readonly address: string;
}

export interface Members {
  readonly all: readonly Member[];
  /** Ends the servers and removes their namespaces; their ports stay for the next time unless `forget`. */
  stop(forget: boolean): Promise<void>;
}

export interface MembersContext {
  readonly settings: Settings;
  readonly db: Db;
  readonly driver: NetworkDriver;
  readonly network: DefaultNetwork;
}

/** Two installations on one machine must not meet: the name holds a digest of the state directory. */
export function namespaceOf(settings: Settings, name: string): string {
  return `weir-${createHash('sha256').update(settings.stateDir).digest('hex').slice(0, 6)}-${name}`;
}

/** Starts both; what an earlier run left of them is replaced. */
export async function startMembers(context: MembersContext): Promise<Members> {
  const started = await Promise.all(memberNames.map((name) => startMember(context, name)));
  return {
    all: started.map(({ member }) => member),
    stop: async (forget) => {
      for (const one of started) {
        await stopServer(one.server);
        await removeNamespace(one.namespace);
        await unplugPort(one.portId, context.network.networkId);
        if (forget) await deleteTenantPort(context.db, one.portId);
      }
    },
  };
}

interface Started {
  readonly member: Member;
  readonly portId: string;
  readonly namespace: string;
  readonly server: ChildProcess;
}

async function startMember({ settings, db, driver, network }: MembersContext, name: string): Promise<Started> {
  const namespace = namespaceOf(settings, name);
  const portId = await ensurePort(db, network, name);
  const details = await driver.portDetails(portId);
  if (details === null) throw new Error(`the port of ${name} is gone`);
  await removeNamespace(namespace);
  await unplugPort(portId, network.networkId);
  await run('ip', ['netns', 'add', namespace]);
  await plugNamespace(namespace, details);
  const program = join(installationRoot(), 'dist/cli/quickstart/web-server.js');
  const serve = tethered('KILL', [process.execPath, program, name, String(memberPort)]);
  const server = spawn('nsenter', [`--net=/run/netns/${namespace}`, '--', ...serve], {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return { member: { name, address: details.port.fixedIps[0]?.address ?? '' }, portId, namespace, server };
}

async function ensurePort(db: Db, network: DefaultNetwork, name: string): Promise<string> {
  const row = await db
    .selectFrom('port')
    .select('id')
    .where('network_id', '=', network.networkId)
    .where('device_owner', '=', deviceOwner)
    .where('name', '=', name)
    .executeTakeFirst();
  if (row !== undefined) return row.id;
  const made = await createPort(db, { networkId: network.networkId, name, projectId: null, deviceOwner });
  return made.id;
}

async function stopServer(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGKILL');
  await ended;
}

async function removeNamespace(namespace: string): Promise<void> {
  if (existsSync(`/run/netns/${namespace}`)) await run('ip', ['netns', 'delete', namespace]);
}
