/** What a client finds out before it asks for anything: versions, health, the OpenAPI document. */
import { sql } from 'kysely';
import { openApiDocument } from './openapi.ts';
import { route, type Answer, type Call, type Route } from './route.ts';

/** Octavia: api/root_controller.py. The date of v2.7 really is out of order. */
const versions: readonly (readonly [string, string])[] = [
  ['v2.0', '2016-12-11T00:00:00Z'],
  ['v2.1', '2018-04-20T00:00:00Z'],
  ['v2.2', '2018-07-31T00:00:00Z'],
  ['v2.3', '2018-12-18T00:00:00Z'],
  ['v2.4', '2018-12-19T00:00:00Z'],
  ['v2.5', '2019-01-21T00:00:00Z'],
  ['v2.6', '2019-01-25T00:00:00Z'],
  ['v2.7', '2018-01-25T12:00:00Z'],
  ['v2.8', '2019-02-12T00:00:00Z'],
  ['v2.9', '2019-03-04T00:00:00Z'],
  ['v2.10', '2019-03-05T00:00:00Z'],
  ['v2.11', '2019-06-24T00:00:00Z'],
  ['v2.12', '2019-09-11T00:00:00Z'],
  ['v2.13', '2019-09-13T00:00:00Z'],
  ['v2.14', '2019-11-10T00:00:00Z'],
  ['v2.15', '2020-03-10T00:00:00Z'],
  ['v2.16', '2020-03-15T00:00:00Z'],
  ['v2.17', '2020-04-29T00:00:00Z'],
  ['v2.18', '2020-04-29T01:00:00Z'],
  ['v2.19', '2020-05-12T00:00:00Z'],
  ['v2.20', '2020-08-02T00:00:00Z'],
  ['v2.21', '2020-09-03T00:00:00Z'],
  ['v2.22', '2020-09-04T00:00:00Z'],
  ['v2.23', '2020-09-07T00:00:00Z'],
  ['v2.24', '2020-10-15T00:00:00Z'],
  ['v2.25', '2021-10-02T00:00:00Z'],
  ['v2.26', '2022-08-29T00:00:00Z'],
  ['v2.27', '2023-05-05T00:00:00Z'],
  ['v2.28', '2023-11-08T00:00:00Z'],
  ['v2.29', '2024-10-15T00:00:00Z'],
  ['v2.30', '2025-02-26T00:00:00Z'],
];

function versionList({ href }: Call): Answer {
  const self = `${href.replace(/\/+$/, '')}/v2`;
  const entries = versions.map(([id, updated], index) => ({
    id,
    status: index === versions.length - 1 ? 'CURRENT' : 'SUPPORTED',
    updated,
    links: [{ href: self, rel: 'self' }],
  }));
  return { status: 200, body: { versions: entries } };
}

async function databaseFault(call: Call): Promise<string | null> {
  try {
    await sql`select 1`.execute(call.db);
    return null;
  } catch (error) {
    call.log.warn({ err: error }, 'health check failed');
    return 'The Octavia database is unavailable.';
  }
}

async function healthcheck(call: Call): Promise<Answer> {
  if (!call.settings.healthcheckEnabled)
    return { status: 404, body: { code: 404, title: 'Not Found', description: null } };
  const reason = await databaseFault(call);
  const status = reason === null ? 200 : 503;
  if (call.accept.includes('application/json')) {
    return { status, body: { detailed: false, reasons: reason === null ? [] : [reason] } };
  }
  return { status, text: reason ?? 'OK', type: 'text/plain; charset=UTF-8' };
}

const version = (path: '/v2' | '/v2/lbaas' | '/v2/octavia'): Route =>
  route({
    method: 'GET',
    path,
    action: 'version:root',
    summary: 'Name the version',
    success: 200,
    handler: () => Promise.resolve({ status: 200, body: 'v2' }),
  });

/** The routes beside the resources; the document describes `resources` and them. */
export function discoveryRoutes(resources: readonly Route[]): readonly Route[] {
  const own = [
    route({
      method: 'GET',
      path: '/',
      action: 'version:discover',
      summary: 'List the versions of the API',
      success: 200,
      handler: (call) => Promise.resolve(versionList(call)),
    }),
    route({
      method: 'GET',
      path: '/healthcheck',
      action: 'healthcheck:get',
      summary: 'Tell whether the API can serve',
      success: 200,
      handler: healthcheck,
    }),
    version('/v2'),
    version('/v2/lbaas'),
    version('/v2/octavia'),
  ];
  const text = JSON.stringify(openApiDocument([...own, ...resources]));
  const document = route({
    method: 'GET',
    path: '/openapi.json',
    action: 'openapi:get',
    summary: 'Describe the API (OpenAPI 3.1)',
    success: 200,
    handler: () => Promise.resolve({ status: 200, text }),
  });
  return [...own, document];
}
