import type { Server } from 'node:https';
import { mkdir } from 'node:fs/promises';
import { createLogger } from './log.ts';
import { ConfigStore } from './config/store.ts';
import { configOf, pathsOf, type AgentContext } from './context.ts';
import { ensureUserGroupConfig } from './haproxy/owner.ts';
import { watchResponsiveness } from './haproxy/responsiveness.ts';
import { HaproxyStore } from './haproxy/store.ts';
import { runHeartbeats } from './heartbeat/run.ts';
import { createAgentServer, listen, readTlsFiles } from './http/server.ts';
import { resumeInterfaces } from './interfaces/resume.ts';
import { VrrpService } from './keepalived/vrrp.ts';
import { amphoraPaths } from './paths.ts';
import { Mutex } from './process/mutex.ts';
import { agentRoutes } from './routes/table.ts';

export interface AgentOptions {
  /** Path of amphora-agent.conf. */
  readonly configFile: string;
}

/**
 * Runs the amphora agent until `signal`: the REST API 1.0 over mutual TLS, and the processes that it looks after. HAProxy
 * and keepalived outlive it; the next agent takes them over. It must not be process 1 of the amphora's pid namespace:
 * the kernel ends the others with that one. Throws when the configuration, the certificates or the address are not usable.
 */
export async function runAgent({ configFile }: AgentOptions, signal: AbortSignal): Promise<void> {
  const config = await ConfigStore.open(configFile);
  // Whoever read the log may be gone: the agent goes on without one.
  process.stdout.on('error', () => undefined);
  const log = createLogger(config.current.debug ? 'debug' : 'info', (line) => process.stdout.write(line));
  const haproxy = new HaproxyStore(() => config.current, log);
  const vrrp = new VrrpService(amphoraPaths(config.current), log);
  let server: Server | null = null;
  const reloadTls = async (): Promise<void> => {
    server?.setSecureContext(await readTlsFiles(config.current));
  };
  const context: AgentContext = { config, haproxy, vrrp, mutex: new Mutex(), log, reloadTls };
  const [tls] = await Promise.all([readTlsFiles(config.current), prepare(context)]);
  server = createAgentServer(config.current, tls, agentRoutes(context), log);
  await listen(server, config.current.bindHost, config.current.bindPort);
  log.info({ address: server.address() }, 'serving');
  const stopWatching = config.current.activeStandby ? watchResponsiveness(haproxy, log) : null;
  await runHeartbeats(context, signal);
  stopWatching?.();
  haproxy.release();
  vrrp.release();
  await close(server);
}

/** Brings the data plane to where it was before the agent (or the amphora) ended. */
async function prepare(context: AgentContext): Promise<void> {
  const paths = pathsOf(context);
  await mkdir(paths.base, { recursive: true });
  await ensureUserGroupConfig(paths.userGroupConfig);
  await resumeInterfaces(configOf(context).networkDir, paths.pluggedInterfaces, context.log);
  await context.haproxy.resume();
  await context.vrrp.resume();
}

/** Lets requests that are being answered finish. */
async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
