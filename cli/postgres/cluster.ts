/** A PostgreSQL cluster in a folder: made, started, waited for. Who supervises its process is the caller's matter. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { lastLine } from '../process/last-line.ts';
import { until } from '../process/until.ts';
import { tethered, type Command, type Unprivileged } from '../process/wrap.ts';
import { postgresBinaries } from './binaries.ts';

const run = promisify(execFile);

export const superuser = 'postgres';

export interface ClusterOptions {
  readonly dataDir: string;
  readonly port: number;
  /** False trades safety in a power cut for speed: for tests. */
  readonly durable: boolean;
  readonly unprivileged: Unprivileged;
}

/** Makes the cluster if it is not there. The superuser `postgres` gets `password`. A crash half-way leaves nothing behind. */
export async function initialiseCluster(options: ClusterOptions, password: string): Promise<'made' | 'found'> {
  const { dataDir, unprivileged, durable } = options;
  if (existsSync(join(dataDir, 'PG_VERSION'))) return 'found';
  const workDir = `${dataDir}.new`;
  await rm(workDir, { recursive: true, force: true });
  await mkdir(dirname(workDir), { recursive: true });
  await mkdir(workDir, { mode: 0o700 });
  const passwordFile = `${dataDir}.initial-password`;
  await writeFile(passwordFile, password, { mode: 0o600 });
  try {
    if (unprivileged.owner !== process.getuid?.()) {
      await chown(workDir, unprivileged.owner, unprivileged.owner);
      await chown(passwordFile, unprivileged.owner, unprivileged.owner);
    }
    const [program, ...rest] = unprivileged.wrap(initdbCommand(workDir, passwordFile, durable));
    await run(program, rest, { env: { ...process.env, LC_ALL: 'C' } }).catch((error: unknown) => {
      throw new Error(`initdb failed: ${lastLine(error)}`, { cause: error });
    });
    await rm(dataDir, { recursive: true, force: true });
    await rename(workDir, dataDir);
  } finally {
    await rm(passwordFile, { force: true });
  }
  return 'made';
}

/** One SCRAM iteration is enough: passwords here are 256 random bits, and each more costs every connection time. */
function initdbCommand(dataDir: string, passwordFile: string, durable: boolean): Command {
  return [
    postgresBinaries().initdb,
    `--pgdata=${dataDir}`,
    `--username=${superuser}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--set=scram_iterations=1',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...(durable ? ['--data-checksums'] : ['--no-data-checksums', '--no-sync']),
  ];
}

/** The command that serves the cluster on the loopback address, with settings for a small machine. It ends with its parent. */
export function serverCommand(options: ClusterOptions): Command {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: options.port,
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '64MB',
    max_wal_size: '512MB',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(options.durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off' }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const command: Command = [postgresBinaries().postgres, '-D', options.dataDir, ...flags];
  return options.unprivileged.wrap(tethered(options.durable ? 'INT' : 'QUIT', command));
}

/** Waits until the server of this folder takes connections. False after `limitMs`; throws once the signal aborts. */
export async function awaitServing(dataDir: string, limitMs: number, signal?: AbortSignal): Promise<boolean> {
  return (await until(() => serverIsReady(dataDir), limitMs, 25, signal)) === true;
}

const statusLine = 7;

/** PostgreSQL writes its state into line 8 of postmaster.pid (src/include/utils/pidfile.h). */
async function serverIsReady(dataDir: string): Promise<boolean> {
  const lines = await readFile(join(dataDir, 'postmaster.pid'), 'utf8').then(
    (text) => text.split('\n'),
    () => [],
  );
  return lines[statusLine]?.trim() === 'ready';
}

/** postgres://user:password@127.0.0.1:port/database */
export function databaseUrl(port: number, user: string, password: string, database: string): string {
  return `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}
