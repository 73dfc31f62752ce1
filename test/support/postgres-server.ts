import { rm } from 'node:fs/promises';
import { startChild } from './child.ts';
import { createMigrated, makeCluster, ownFolder } from './cluster.ts';

export const templateDatabase = 'weir_template';

export interface TestPostgres {
  /** `url` has the superuser and the database `postgres`. */
  readonly description: { readonly url: string };
  stop(): Promise<void>;
}

/** A PostgreSQL of its own in a temporary folder, without fsync, with a migrated template database. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const folder = await ownFolder('weir-test-postgres-');
  const cluster = await makeCluster(folder, { durable: false });
  const server = startChild(cluster.command);
  const stop = async (): Promise<void> => {
    await server.stop('SIGQUIT');
    await rm(folder, { recursive: true, force: true });
  };
  if (!(await cluster.serves(20_000))) {
    await stop();
    throw new Error(`the PostgreSQL of the tests did not start: ${server.output()}`);
  }
  await createMigrated(cluster, templateDatabase);
  return { description: { url: cluster.url('postgres') }, stop };
}
