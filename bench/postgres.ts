/** A PostgreSQL for one measurement, as `weir up` runs it: durable. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../cli/net/ports.ts';
import { awaitServing, databaseUrl, initialiseCluster, serverCommand, superuser } from '../cli/postgres/cluster.ts';
import { unprivileged } from '../cli/process/wrap.ts';
import { openDatabase, type Db } from '../db/database.ts';
import { migrate } from '../db/migrate.ts';

export interface BenchPostgres {
  readonly url: string;
  readonly db: Db;
  stop(): Promise<void>;
}

export async function startPostgres(): Promise<BenchPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-bench-'));
  const password = randomBytes(32).toString('hex');
  const options = {
    dataDir: join(folder, 'data'),
    port: await freePort(),
    durable: true,
    unprivileged: unprivileged(),
  };
  await initialiseCluster(options, password);
  const [program, ...args] = serverCommand(options);
  const server = spawn(program, args, { stdio: 'ignore' });
  const url = databaseUrl(options.port, superuser, password, 'postgres');
  const db = openDatabase({ url, maxConnections: 4, applicationName: 'weir bench', connectionTimeoutMs: 10_000 });
  const stop = async (): Promise<void> => {
    await db.destroy();
    server.kill('SIGINT');
    await once(server, 'exit');
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  };
  if (await awaitServing(options.dataDir, 30_000)) {
    await migrate(db);
    return { url, db, stop };
  }
  await stop();
  throw new Error('PostgreSQL did not start');
}
