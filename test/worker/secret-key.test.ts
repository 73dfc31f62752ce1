import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger } from '../../config/log.ts';
import { loadSettings } from '../../config/settings.ts';
import { openDatabase, type Db } from '../../db/database.ts';
import { openCertificateAuthority } from '../../drivers/certificates/open.ts';
import { loadSecretKey, openSealer, type Sealer } from '../../drivers/certificates/sealing.ts';
import { runHost } from '../../worker/host.ts';
import { runWorker } from '../../worker/main.ts';
import { requireSecretKey } from '../../worker/secret-key.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await freshDatabase();
  folder = await mkdtemp(join(tmpdir(), 'weir-key-'));
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

const keyFile = (name: string): string => join(folder, `${name}.key`);

const settingsOf = (name: string, databaseUrl = database.url) =>
  loadSettings({}, { databaseUrl, secretKeyFile: keyFile(name), logLevel: 'silent', metricsPort: 0 });

async function sealerOf(name: string): Promise<Sealer> {
  return openSealer(await loadSecretKey(keyFile(name)));
}

/** Starts a worker's look at its key. */
async function look(name: string, signal: AbortSignal, db: Db = database.db): Promise<void> {
  const deps = { db, sealer: await sealerOf(name), settings: settingsOf(name) };
  return requireSecretKey(deps, createLogger('test', 'silent'), signal);
}

const never = new AbortController().signal;

test('any key will do as long as nothing is sealed, and then the one that sealed', async () => {
  await look('first', never);
  await look('other', never);
  await openCertificateAuthority(database.db, await sealerOf('first'), { certValiditySec: 60 }).trustBundle();
  await expect(look('first', never)).resolves.toBeUndefined();
});

test.each([
  ['worker', runWorker],
  ['host', runHost],
])('a %s with another key does not start, and says which file is wrong', async (_, start) => {
  await expect(start(settingsOf('other'), never)).rejects.toThrow(
    `${keyFile('other')} is not the key that sealed the secrets in the database`,
  );
});

test('a database that is away is waited for until the worker is told to stop', async () => {
  const db = openDatabase({
    url: 'postgres://weir@127.0.0.1:1/weir',
    maxConnections: 1,
    applicationName: 'weir test',
    connectionTimeoutMs: 1_000,
  });
  const told = new AbortController();
  const looking = look('other', told.signal, db);
  const first = await Promise.race([looking.then(() => 'over'), sleep(700, 'still looking')]);
  told.abort();
  await looking;
  await db.destroy();
  expect(first).toBe('still looking');
});
