/** The HTTP server of the API, built from what it works with. Nothing listens before `listen()`; tests use `inject()`. */
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { acceptsJson } from './http/accept.ts';
import { parseBody } from './http/body.ts';
import { failureOf, plain } from './http/errors.ts';
import { ListCache } from './http/list-cache.ts';
import type { RequestObserver } from './http/observer.ts';
import { canonicalPath } from './http/path.ts';
import { globalRequestId, newRequestId } from './http/request-id.ts';
import type { Answer, Call, Dependencies, Route } from './http/route.ts';
import { routes } from './routes.ts';

const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const;
/** A client that sends its request slower than this holds a connection for nothing. */
const requestTimeoutMs = 60_000;
/** Paths that choose their own representation. */
const anyAccept = new Set(['/healthcheck', '/openapi.json']);

export function buildServer(dependencies: Dependencies, observers: readonly RequestObserver[] = []): FastifyInstance {
  const app = Fastify({
    rewriteUrl: (request) => canonicalPath(request.url ?? '/'),
    genReqId: newRequestId,
    bodyLimit: dependencies.settings.maxRequestBody,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, _request, reply) => void sendFailure(dependencies, error, reply),
  });
  readBodiesAsText(app);
  for (const observe of observers) observe(app);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-openstack-request-id', request.id);
    if (!anyAccept.has(pathOf(request.url)) && !acceptsJson(request.headers.accept)) {
      await send(reply, { status: 406, body: plain(406, 'Only content type application/json is accepted.') });
    }
  });
  app.setErrorHandler((error, request, reply) => sendFailure(dependencies, error, reply, request));
  app.setNotFoundHandler((_request, reply) => send(reply, { status: 404, body: plain(404, null) }));
  const lists = new ListCache(dependencies.db);
  for (const route of routes) addRoute(app, route, dependencies, lists);
  refuseOtherMethods(app);
  return app;
}

/** Whether a body is read, and as what, is up to the route: Octavia looks at the media type only where it takes a body. */
function readBodiesAsText(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
}

function addRoute(app: FastifyInstance, route: Route, dependencies: Dependencies, lists: ListCache): void {
  app.route({
    method: route.method,
    url: route.path,
    handler: async (request, reply) => {
      const call = callOf(request, route, dependencies, lists);
      return send(reply, await route.handler(call));
    },
  });
}

function callOf(
  request: FastifyRequest,
  route: Route,
  dependencies: Dependencies,
  lists: ListCache,
): Call<string, unknown> {
  const raw = typeof request.body === 'string' ? request.body : '';
  const base = dependencies.settings.apiBaseUri || `${request.protocol}://${request.host}`;
  return {
    ...dependencies,
    lists,
    action: route.action,
    identity: dependencies.identify(request.headers),
    requestId: request.id,
    params: request.params as Record<string, string>,
    query: request.query as Call['query'],
    body: route.body === undefined ? undefined : parseBody(route.body, raw, request.headers['content-type']),
    href: `${base}${pathOf(request.originalUrl)}`,
    url: request.originalUrl,
    accept: request.headers.accept ?? '',
  };
}

function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}

function send(reply: FastifyReply, { status, body, text, type = 'application/json' }: Answer): FastifyReply {
  reply.code(status);
  if (text === undefined && body === undefined) return reply.send();
  // Octavia names no charset; Fastify adds one to a text, not to bytes.
  return reply.header('content-type', type).send(bytesOf(text ?? JSON.stringify(body)));
}

const bytesOf = (text: string | Buffer): Buffer => (typeof text === 'string' ? Buffer.from(text) : text);

function sendFailure(
  { log }: Dependencies,
  error: unknown,
  reply: FastifyReply,
  request?: FastifyRequest,
): FastifyReply {
  const { status, body, unexpected } = failureOf(error);
  const context = {
    requestId: request?.id,
    globalRequestId: globalRequestId(request?.headers['x-openstack-request-id']),
    method: request?.method,
    url: request?.originalUrl,
  };
  if (unexpected) log.error({ ...context, err: error }, 'request failed');
  else if (status === 503) log.warn({ ...context, err: error }, 'the database cannot be reached');
  return send(reply, { status, body });
}

/** Answers 405 for the methods that a path does not have. */
function refuseOtherMethods(app: FastifyInstance): void {
  for (const path of new Set(routes.map((route) => route.path))) {
    const known = new Set<string>(routes.filter((route) => route.path === path).map((route) => route.method));
    app.route({
      method: methods.filter((method) => !known.has(method)),
      url: path,
      handler: (_request, reply) => send(reply, { status: 405, body: plain(405, null) }),
    });
  }
}
