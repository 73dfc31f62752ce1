import type { FastifyRequest } from 'fastify';
import type { Span, Tracing } from '../../tracing/contract.ts';
import { traceIdOf } from '../../tracing/ids.ts';
import type { RequestObserver } from './observer.ts';

/** A span for each request, in the trace that bears the request's id. A trace that the client has begun is linked, not joined. */
export function traceRequests(tracing: Tracing): RequestObserver {
  const spans = new WeakMap<FastifyRequest, Span>();
  return (app) => {
    app.addHook('onRequest', (request, _reply, done) => {
      spans.set(request, begin(tracing, request));
      done();
    });
    // Not sooner: what follows the reading of the body runs in another asynchronous context than what precedes it.
    app.addHook('preHandler', (request, _reply, done) => {
      spans.get(request)?.within(done);
    });
    app.addHook('onError', (request, _reply, error, done) => {
      spans.get(request)?.set({ 'error.type': error.name });
      done();
    });
    app.addHook('onResponse', (request, reply, done) => {
      const span = spans.get(request);
      span?.set({ 'http.response.status_code': reply.statusCode });
      if (reply.statusCode >= 500) span?.fail(new Error(`answered ${reply.statusCode}`));
      span?.end();
      done();
    });
  };
}

function begin(tracing: Tracing, request: FastifyRequest): Span {
  const route = request.routeOptions.url;
  const link = request.headers['traceparent'];
  return tracing.start({
    name: route === undefined ? request.method : `${request.method} ${route}`,
    kind: 'server',
    traceId: traceIdOf(request.id),
    link: typeof link === 'string' ? link : undefined,
    attributes: {
      'http.request.method': request.method,
      'weir.request_id': request.id,
      ...(route !== undefined && { 'http.route': route }),
    },
  });
}
