/** Web servers behind a load balancer: one namespace in the tenant network, and a process with a port of its own for each. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { tethered } from '../../../cli/process/wrap.ts';
import { namespaceOf } from '../../../cli/quickstart/members.ts';
import { ask } from '../../../cli/quickstart/probe.ts';
import { installationRoot } from '../../../config/installation.ts';
import { plugNamespace, unplugPort } from '../../../drivers/compute/host/plug.ts';
import { createPort, deleteTenantPort } from '../../../drivers/network/provision.ts';
import { eventually } from '../../drivers/support/eventually.ts';
import { output } from '../../drivers/support/host.ts';
import type { Weir } from './weir.ts';

export interface MemberServer {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** Returns when it serves. It answers every request with its name. */
  start(): Promise<void>;
  kill(): Promise<void>;
}

export interface Members {
  /** Starts one server for each name. */
  serve<const Names extends readonly string[]>(...names: Names): Promise<{ [K in keyof Names]: MemberServer }>;
  close(): Promise<void>;
}

const program = join(installationRoot(), 'dist/cli/quickstart/web-server.js');
const firstPort = 8081;

/** A place for members. `close` ends all of them and leaves nothing of it. */
export async function openMembers({ settings, db, network, tenant }: Weir): Promise<Members> {
  const name = randomBytes(3).toString('hex');
  const namespace = namespaceOf(settings, name);
  const { id } = await createPort(db, { networkId: tenant.networkId, name, projectId: null });
  const close = async (): Promise<void> => {
    await unplugPort(id, tenant.networkId);
    await output('ip', 'netns', 'delete', namespace);
    await deleteTenantPort(db, id);
  };
  const details = await network.portDetails(id);
  if (details === null) throw new Error('the port of the members is gone');
  const address = details.port.fixedIps[0]?.address ?? '';
  await output('ip', 'netns', 'add', namespace);
  await plugNamespace(namespace, details);
  const servers: MemberServer[] = [];
  return {
    serve: async <const Names extends readonly string[]>(...names: Names) => {
      const added = names.map((each, index) =>
        serverOf(namespace, { name: each, address, port: firstPort + servers.length + index }),
      );
      servers.push(...added);
      await Promise.all(added.map((server) => server.start()));
      return added as { [K in keyof Names]: MemberServer };
    },
    close: async () => {
      await Promise.all(servers.map((server) => server.kill()));
      await close();
    },
  };
}

function serverOf(namespace: string, place: Pick<MemberServer, 'name' | 'address' | 'port'>): MemberServer {
  const { name, address, port } = place;
  let child: ChildProcess | undefined;
  return {
    ...place,
    start: async () => {
      const serve = tethered('KILL', [process.execPath, program, name, String(port)]);
      child = spawn('nsenter', [`--net=/run/netns/${namespace}`, '--', ...serve], { stdio: 'ignore' });
      await eventually(`${name} serves`, async () => (await ask(address, 500, port)) === name);
    },
    kill: async () => {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
