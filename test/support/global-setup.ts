/**
 * Real servers for the tests, at most one of each per run, started when the first test asks. Test processes ask over HTTP:
 * `GET /postgres`, `GET /temporal` and `GET /weir` (a whole `weir up`) answer with how to reach the server. They end with this process, even if it is killed.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { startTestPostgres } from './postgres-server.ts';
import { startTestTemporal } from './temporal-server.ts';
import { startTestWeir } from './weir-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    testServers: string;
  }
}

interface Server {
  readonly description: Readonly<Record<string, unknown>>;
  stop(): Promise<void>;
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const starters = new Map<string, () => Promise<Server>>([
    ['/postgres', startTestPostgres],
    ['/temporal', startTestTemporal],
    ['/weir', startTestWeir],
  ]);
  const started = new Map<string, Promise<Server>>();
  const broker = createServer((request, response) => {
    const path = request.url ?? '';
    const start = starters.get(path);
    if (start === undefined) return response.writeHead(404).end();
    const server = started.get(path) ?? start();
    started.set(path, server);
    return void server.then(
      ({ description }) => response.end(JSON.stringify(description)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve));
  project.provide('testServers', `http://127.0.0.1:${(broker.address() as AddressInfo).port}`);
  return async () => {
    broker.closeAllConnections();
    broker.close();
    const servers = await Promise.allSettled(started.values());
    const running = servers.filter((server) => server.status === 'fulfilled');
    await Promise.all(running.map((server) => server.value.stop()));
  };
}
