import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { createLogger } from '../../../config/log.ts';
import { loadSettings, type Settings } from '../../../config/settings.ts';
import type { Db } from '../../../db/database.ts';
import { identifyNobody } from '../../../api/http/noauth.ts';
import type { Dependencies } from '../../../api/http/route.ts';
import { buildServer } from '../../../api/server.ts';
import { freshDatabase } from '../../support/postgres.ts';
import { FakeNetwork } from './network.ts';
import { FakeStarter } from './starter.ts';

export const subnetId = '5e0c2a4e-2f9b-4f8e-9d5b-0f3a2a5d7a09';
export const projectId = 'bdf06a0c86354e86b4ff1b33daa42b65';

export interface TestApi {
  readonly server: FastifyInstance;
  readonly db: Db;
  readonly url: string;
  readonly starter: FakeStarter;
  readonly network: FakeNetwork;
  request(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<Reply>;
  close(): Promise<void>;
}

export interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly response: LightMyRequestResponse;
}

/** The API on a database of its own, with a fake network and workflows that end when a test says so. */
export async function startApi(
  overrides: Partial<Settings> = {},
  identify: Dependencies['identify'] = identifyNobody,
): Promise<TestApi> {
  const database = await freshDatabase();
  const starter = new FakeStarter(database.db);
  const network = new FakeNetwork();
  const server = buildServer({
    db: database.db,
    starter,
    reader: { steps: (operation) => Promise.resolve(starter.steps.get(operation.id) ?? []) },
    network,
    identify,
    settings: loadSettings({}, overrides),
    log: createLogger('api', 'silent'),
  });
  return {
    server,
    db: database.db,
    url: database.url,
    starter,
    network,
    request: async (method, path, body) => {
      const response = await server.inject({
        method,
        url: path,
        headers: { 'x-project-id': projectId, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
      });
      const json = response.body === '' ? {} : (JSON.parse(response.body) as Record<string, unknown>);
      return { status: response.statusCode, body: json, response };
    },
    close: async () => {
      await server.close();
      await database.drop();
    },
  };
}
