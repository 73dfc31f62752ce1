/** The PostgreSQL that `weir up` brings along: made once, then found again with all that is in it. */
import { randomBytes } from 'node:crypto';
import { chown, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { PlainError } from '../fatal.ts';
import { freePort, portIsFree } from '../net/ports.ts';
import {
  awaitServing,
  databaseUrl,
  initialiseCluster,
  serverCommand,
  superuser,
  type ClusterOptions,
} from '../postgres/cluster.ts';
import { until } from '../process/until.ts';
import { unprivileged } from '../process/wrap.ts';
import { rememberedText, type StateDir } from './state-dir.ts';
import type { ChildSpec } from './supervisor.ts';

const role = 'weir';

export interface EmbeddedPostgres {
  readonly spec: ChildSpec;
  /** The URL of Weir's own database and role. */
  readonly url: string;
  /**
   * Waits for the server, and makes role and database if they are not there. Throws PlainError when it does not come, and once
   * the signal aborts.
   */
  ready(signal: AbortSignal): Promise<void>;
}

/** Makes the cluster if needed, stops what a crash left of it, and says how it is started. */
export async function prepareEmbeddedPostgres(state: StateDir): Promise<EmbeddedPostgres> {
  const password = await rememberedText(join(state.postgres, 'password'), () => randomBytes(32).toString('hex'));
  const port = await rememberedPort(join(state.postgres, 'port'));
  const options: ClusterOptions = {
    dataDir: join(state.postgres, 'data'),
    port,
    durable: true,
    unprivileged: unprivileged(),
  };
  await stopLeftovers(options.dataDir);
  await initialiseCluster(options, password);
  await ownedBy(options.dataDir, options.unprivileged.owner);
  return {
    spec: {
      name: 'postgres',
      command: serverCommand(options),
      env: { ...process.env, LC_ALL: 'C' },
      stopSignal: 'SIGINT',
      stopLimitMs: 15_000,
    },
    url: databaseUrl(port, role, password, role),
    ready: async (signal) => {
      if (!(await awaitServing(options.dataDir, 60_000, signal))) {
        throw new PlainError(`PostgreSQL does not serve: see ${join(state.logs, 'postgres.log')}`);
      }
      await ensureRoleAndDatabase(databaseUrl(port, superuser, password, 'postgres'), password);
    },
  };
}

/** The port of last time, so that clients find it again; another when somebody else has it now. */
async function rememberedPort(file: string): Promise<number> {
  const port = Number(await rememberedText(file, async () => String(await freePort())));
  if (await portIsFree(port, '127.0.0.1')) return port;
  await rm(file, { force: true });
  return Number(await rememberedText(file, async () => String(await freePort())));
}

async function ensureRoleAndDatabase(url: string, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, query_timeout: 10_000 });
  await client.connect();
  try {
    const roles = await client.query('select 1 from pg_roles where rolname = $1', [role]);
    if (roles.rowCount === 0)
      await client.query(`create role ${role} login password ${client.escapeLiteral(password)}`);
    const databases = await client.query('select 1 from pg_database where datname = $1', [role]);
    if (databases.rowCount === 0) await client.query(`create database ${role} owner ${role}`);
  } finally {
    await client.end();
  }
}

/**
 * Stops server processes that still work in the folder (each has it as its working directory), and removes a
 * postmaster.pid whose number may belong to somebody else by now: PostgreSQL would refuse to start.
 */
async function stopLeftovers(dataDir: string): Promise<void> {
  await signalAll(dataDir, 'SIGINT');
  const gone = await until(async () => (await serverProcesses(dataDir)).length === 0, 10_000, 100);
  if (gone !== true) await signalAll(dataDir, 'SIGKILL');
  await rm(join(dataDir, 'postmaster.pid'), { force: true });
}

async function signalAll(dataDir: string, signal: NodeJS.Signals): Promise<void> {
  for (const pid of await serverProcesses(dataDir)) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

async function serverProcesses(dataDir: string): Promise<number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      if (cwd !== dataDir) return undefined;
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
      return name.trim() === 'postgres' ? Number(pid) : undefined;
    }),
  );
  return found.filter((pid) => pid !== undefined);
}

/** A folder made under another way of running (user namespaces allowed then, refused now) gets its new owner. */
async function ownedBy(folder: string, owner: number): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const entries = await readdir(folder, { recursive: true });
  for (const entry of [folder, ...entries.map((name) => join(folder, name))]) await chown(entry, owner, owner);
}
